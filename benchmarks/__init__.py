"""Measurements that README and docs quote, each a command: python -m benchmarks.NAME."""
