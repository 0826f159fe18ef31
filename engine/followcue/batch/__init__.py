"""Many situations, on one machine or a cluster.

a file, table or stream          source.py      every form as numbered records, each with its situation's name
                                 text_files.py  lines of JSON and CSV, whatever one record holds
    -> sorted by situation       sorting.py     on disk where they are many
    -> chunks of situations      run_batch.py   handed to a worker for each core, taken back in order
    -> reports, rejects          work.py        what one worker does with one chunk
       or those of before        night.py         where nothing can have changed since the last run
    -> parts, then one file      checkpoint.py  a run that is stopped goes on where it stopped
"""
