"""The JSON API below /api/v1: documents.py what it answers, reading.py and writing.py its operations, front.py what stands before them."""
