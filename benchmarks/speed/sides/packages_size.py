"""Prints as JSON how many bytes a package needs on disk with all that it requires, without files and
packages that only a GPU needs: {script, native, packages}."""

import json
import re
import sys
from importlib import metadata

GPU_PACKAGES = re.compile(r'nvidia|cuda|triton')
GPU_FILES = re.compile(r'cuda|cudnn|cufile|nccl|nvshmem|cusparse|nvrtc|cupti')


def requirements(distribution):
    """The names of what a distribution requires, without extras and without what is for others."""
    for requirement in distribution.requires or []:
        name, _, marker = requirement.partition(';')
        if 'extra' not in marker:
            yield re.split(r'[^\w.-]', name.strip())[0].lower()


def installed(name):
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:  # Required by other systems or versions of Python.
        return None


seen = {}
pending = [sys.argv[1]]
while pending:
    name = pending.pop()
    if name in seen or GPU_PACKAGES.search(name):
        continue
    distribution = installed(name)
    if distribution is None:
        continue
    sizes = {'script': 0, 'native': 0}
    for file in distribution.files or []:
        path = file.locate()
        if file.suffix == '.pyc' or GPU_FILES.search(file.name) or not path.is_file():
            continue
        native = '.so' in file.suffixes or file.suffix in ('.dylib', '.dll', '.pyd')
        sizes['native' if native else 'script'] += path.stat().st_size
    seen[name] = sizes
    pending += requirements(distribution)

print(json.dumps({
    'script': sum(sizes['script'] for sizes in seen.values()),
    'native': sum(sizes['native'] for sizes in seen.values()),
    'packages': sorted(seen),
}))
