"""Many situations at once: records or whole situations in, a report on each out.

a file, table or stream          source.py    every form as numbered records, each with its situation's name
    -> sorted by situation       sorting.py   on disk where they are many
    -> chunks of situations      run.py       handed to a worker for each core, taken back in order
    -> reports, rejects          work.py      what one worker does with one chunk
    -> parts, then one file      parts.py     a run that is stopped goes on where it stopped
"""
