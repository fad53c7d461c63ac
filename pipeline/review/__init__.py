"""What people decide on the postings of a tagged sheet: whom to ask what, what is kept of it.

`store.open_store` gives the `ReviewStore` of a sheet, a file of SQLite; `queue` the order in which
its postings are asked about, `agreement` how far reviewers are of one mind, `export` what they
agree on as a table, `own_corpus` the same as lines of a corpus folder.
"""
