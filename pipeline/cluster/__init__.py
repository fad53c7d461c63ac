"""Where one machine ends: the one batch function on the workers of Dask and of Spark.

model.py     a model that travels, and the versions that it is checked with where it arrives
columns.py   which columns are read, where the tags go
files.py     Parquet files and output folders, local or remote
plan.py      which rows are one part of the output, and what an unfinished folder is a part of
parts.py     what a worker of Dask does
dask.py      what the machine does that gives the work out
spark.py     a data frame of Spark, tagged
"""
