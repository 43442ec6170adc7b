"""What bench/store.py makes and compares with. No bench by itself."""
