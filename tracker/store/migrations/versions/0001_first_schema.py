"""The first schema: sources and feeds, articles and their keys, revisions with bodies and captures, events, polls, one counter.

Written out rather than taken from schema.py, which goes on changing.
"""

import time
import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite gives rowids, and so AUTOINCREMENT, only to the very type INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="counter_pkey"),
    )
    op.create_table(
        "host",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_request_at", sa.BigInteger(), nullable=True),
        sa.Column("pause_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="host_pkey"),
        sa.UniqueConstraint("name", name="host_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("host_paused", "host", ["pause_until"], **_where("pause_until IS NOT NULL"))
    op.create_table(
        "installation",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("installation_single_check")),
        sa.PrimaryKeyConstraint("id", name="installation_pkey"),
    )
    op.create_table(
        "source",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("include", sa.Text(), nullable=False),
        sa.Column("exclude", sa.Text(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("articles_count", sa.Integer(), nullable=False),
        sa.Column("events_count", sa.Integer(), nullable=False),
        sa.Column("last_polled_at", sa.BigInteger(), nullable=True),
        sa.Column("last_good_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="source_pkey"),
        sa.UniqueConstraint("name", name="source_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "article",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("host_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("last_polled_at", sa.BigInteger(), nullable=True),
        sa.Column("last_changed_at", sa.BigInteger(), nullable=True),
        sa.Column("missing_since", sa.BigInteger(), nullable=True),
        sa.Column("held_since", sa.BigInteger(), nullable=True),
        sa.Column("held_fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("next_poll_at", sa.BigInteger(), nullable=True),
        sa.Column("because", sa.SmallInteger(), nullable=False),
        sa.Column("revisions_count", sa.Integer(), nullable=False),
        sa.Column("failures_count", sa.Integer(), nullable=False),
        sa.Column("failure_poll_id", sa.BigInteger(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=True),
        sa.Column("visible_hash", sa.LargeBinary(), nullable=True),
        sa.Column("lease", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="article_host_id_fkey"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="article_source_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="article_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("article_by_source", "article", ["source_id", "id"])
    op.create_index("article_failing", "article", ["source_id", "failure_poll_id"], **_where("failure_poll_id IS NOT NULL"))
    op.create_index("article_due_by_host", "article", ["host_id", "next_poll_at"], **_where("next_poll_at IS NOT NULL"))
    op.create_index("article_due_by_source", "article", ["source_id", "next_poll_at", "host_id"], **_where("next_poll_at IS NOT NULL"))
    op.create_index("article_seq", "article", ["seq"], unique=True)
    op.create_table(
        "feed",
        sa.Column("id", ID, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("first_polled_at", sa.BigInteger(), nullable=True),
        sa.Column("last_polled_at", sa.BigInteger(), nullable=True),
        sa.Column("last_changed_at", sa.BigInteger(), nullable=True),
        sa.Column("next_poll_at", sa.BigInteger(), nullable=True),
        sa.Column("because", sa.SmallInteger(), nullable=False),
        sa.Column("failures_count", sa.Integer(), nullable=False),
        sa.Column("failure_poll_id", sa.BigInteger(), nullable=True),
        sa.Column("lease", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="feed_source_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="feed_pkey"),
        sa.UniqueConstraint("source_id", "url", name="feed_source_id_url_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("feed_due", "feed", ["next_poll_at"], **_where("next_poll_at IS NOT NULL"))
    op.create_table(
        "robots",
        sa.Column("host_id", ID, autoincrement=False, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name="robots_host_id_fkey"),
        sa.PrimaryKeyConstraint("host_id", name="robots_pkey"),
    )
    op.create_table(
        "article_key",
        sa.Column("key_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="article_key_article_id_fkey"),
        sa.PrimaryKeyConstraint("key_hash", "slot", name="article_key_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("article_key_by_article", "article_key", ["article_id"])
    op.create_table(
        "capture",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("base_id", ID, nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("packing", sa.SmallInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="capture_article_id_fkey"),
        sa.ForeignKeyConstraint(["base_id"], ["capture.id"], name="capture_base_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="capture_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feed_entry",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("entry_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title_hash", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="feed_entry_feed_id_fkey"),
        sa.PrimaryKeyConstraint("feed_id", "entry_hash", name="feed_entry_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=True),
        sa.Column("feed_id", ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("because", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="poll_article_id_fkey"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="poll_feed_id_fkey"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="poll_source_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="poll_pkey"),
    )
    op.create_index("poll_by_article", "poll", ["article_id", "id"], **_where("article_id IS NOT NULL"))
    op.create_index("poll_by_feed", "poll", ["feed_id", "id"], **_where("feed_id IS NOT NULL"))
    op.create_index("poll_by_source", "poll", ["source_id", "id"])
    op.create_table(
        "revision",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("extractor", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("capture_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="revision_article_id_fkey"),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name="revision_capture_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="revision_pkey"),
        sa.UniqueConstraint("article_id", "number", name="revision_article_id_number_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("revision_seq", "revision", ["seq"], unique=True)
    op.create_table(
        "body",
        sa.Column("revision_id", ID, autoincrement=False, nullable=False),
        sa.Column("keyframe_id", ID, nullable=True),
        sa.Column("packing", sa.SmallInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["keyframe_id"], ["revision.id"], name="body_keyframe_id_fkey"),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="body_revision_id_fkey"),
        sa.PrimaryKeyConstraint("revision_id", name="body_pkey"),
    )
    op.create_table(
        "event",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("after_at", sa.BigInteger(), nullable=True),
        sa.Column("before_at", sa.BigInteger(), nullable=False),
        sa.Column("from_revision_id", ID, nullable=True),
        sa.Column("to_revision_id", ID, nullable=True),
        sa.Column("reverts_to_id", ID, nullable=True),
        sa.Column("significance", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("facets", sa.Text(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("differ", sa.Text(), nullable=False),
        sa.Column("noted", sa.SmallInteger(), nullable=False),
        sa.Column("date_moved", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="event_article_id_fkey"),
        sa.ForeignKeyConstraint(["from_revision_id"], ["revision.id"], name="event_from_revision_id_fkey"),
        sa.ForeignKeyConstraint(["reverts_to_id"], ["revision.id"], name="event_reverts_to_id_fkey"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="event_source_id_fkey"),
        sa.ForeignKeyConstraint(["to_revision_id"], ["revision.id"], name="event_to_revision_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="event_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("event_by_article", "event", ["article_id", "seq"])
    op.create_index("event_by_revision", "event", ["to_revision_id"], **_where("to_revision_id IS NOT NULL"))
    op.create_index("event_by_source", "event", ["source_id", "seq"])
    op.create_index("event_seq", "event", ["seq"], unique=True)
    # The id of this installation, in every feed entry's id: made once, never changed.
    made = {"uuid": str(uuid.uuid4()), "created_at": int(time.time() * 1_000_000)}
    op.execute(sa.text("INSERT INTO installation (id, uuid, created_at) VALUES (1, :uuid, :created_at)").bindparams(**made))
    op.execute(sa.text("INSERT INTO counter (name, value) VALUES ('seq', 0)"))


def downgrade() -> None:
    message = "Schema 0001 is the first one, there is none below it. To start anew, name another database in store.url; to go back, restore a backup."
    raise RuntimeError(message)
