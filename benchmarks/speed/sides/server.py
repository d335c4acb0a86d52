"""What the sides in Python share: requests as JSON lines on stdin, replies as JSON lines on stdout, in
the protocol of answers.mjs; `open` names the folder of the workload."""

import json
import re
import sys
import time
from pathlib import Path

import numpy as np


def read_workload(folder):
    """A workload's description, and its arrays by name."""
    folder = Path(folder)
    workload = json.loads((folder / 'workload.json').read_text())
    flat = np.fromfile(folder / 'arrays.bin', dtype=np.float32)
    arrays = {}
    for entry in workload['arrays']:
        size = int(np.prod(entry['shape'], dtype=np.int64))
        start = entry['offset']
        arrays[entry['name']] = flat[start:start + size].reshape(entry['shape']).copy()
    return workload, arrays


def peak_memory():
    """The most bytes that this process had resident, on Linux."""
    try:
        status = Path('/proc/self/status').read_text()
    except OSError:
        return None
    return int(re.search(r'^VmHWM:\s+(\d+) kB', status, re.MULTILINE)[1]) * 1024


def serve(describe, make_job):
    """Answers until stdin ends.

    `make_job(folder, settings)` makes one workload ready: `parameters` is their number, `step()` does
    the timed work and returns what `number()` turns into the number that is compared. With `several`,
    a pair, its second does as many steps at once as its first says, and is what is timed."""
    job = None

    def open_(request):
        nonlocal job
        job = make_job(request['folder'], request.get('settings') or {})
        return {'parameters': job.parameters}

    def numbers(request):
        return {'numbers': [job.number(job.step()) for _ in range(request['steps'])]}

    def time_(request):
        times = []
        steps, run = getattr(job, 'several', (1, job.step))
        used = time.process_time()
        begin = time.perf_counter()
        while len(times) * steps < request['atMost'] and (
                not times or (time.perf_counter() - begin) * 1e3 < request['budget']):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1e3 / steps)
        processor = (time.process_time() - used) * 1e3 / (len(times) * steps)
        return {'milliseconds': times, 'processor': processor}

    def memory(_):
        peak = peak_memory()
        return {} if peak is None else {'peak': peak}

    actions = {'describe': describe, 'open': open_, 'numbers': numbers, 'time': time_,
               'memory': memory}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = actions[request['do']](request)
        except Exception as error:  # The runner prints it and goes on without this side.
            reply = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(reply), flush=True)
