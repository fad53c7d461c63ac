"""The page and the HTTP API: what `frontback serve` and `frontback review` show.

Nothing here decides anything about a posting: it calls what the command line calls.
"""
