"""The PyTorch side of the benchmark: requests as JSON lines on stdin, replies as JSON lines on
stdout. It speaks the protocol of serve.mjs."""

import json
import platform
import sys
import time
from pathlib import Path

import torch

# Before the first parallel work: threads that start later inherit the setting.
torch.set_flush_denormal(True)

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from torch_losses import LOSSES  # noqa: E402
from torch_unet import UNet2d  # noqa: E402


class Mlp(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.told = options['timeEmbedding'] == 'raw'
        inputs = options['features'] + (1 if self.told else 0)
        sizes = [inputs, *options['widths'], options['features']]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.time_scale = options['timeScale']
        self.activation = {'silu': F.silu, 'softplus': F.softplus}[options['activation']]

    def forward(self, x, time=None):
        h = torch.cat([x, self.time_scale * time[:, None]], dim=1) if self.told else x
        for i, layer in enumerate(self.layers):
            h = layer(h if i == 0 else self.activation(h))
        return h


def read_arrays(folder, entries):
    """The tensors of a workload's file, by name."""
    flat = torch.frombuffer(bytearray((folder / 'arrays.bin').read_bytes()), dtype=torch.float32)
    arrays = {}
    for entry in entries:
        size = 1
        for axis in entry['shape']:
            size *= axis
        start = entry['offset']
        arrays[entry['name']] = flat[start:start + size].reshape(entry['shape']).clone()
    return arrays


class Job:
    """One workload, made ready: `step()` does the timed work and returns one number."""

    def __init__(self, folder, settings):
        folder = Path(folder)
        workload = json.loads((folder / 'workload.json').read_text())
        arrays = read_arrays(folder, workload['arrays'])
        kind = workload['network']['name']
        self.model = {'mlp': Mlp, 'unet2d': UNet2d}[kind](workload['network']['options'])
        self.model.load_state_dict(
            {name[len('params/'):]: value for name, value in arrays.items()
             if name.startswith('params/')})
        memory = torch.channels_last if settings.get('channelsLast') else torch.contiguous_format

        def item(name):
            x = arrays[name]
            return x.permute(0, 3, 1, 2).contiguous(memory_format=memory) if x.dim() == 4 else x

        if kind == 'unet2d':
            self.model = self.model.to(memory_format=memory)
        self.parameters = list(self.model.parameters())
        self.count = 0
        if workload['kind'] == 'sample':
            x, t = item('x'), arrays['time']
            alpha, sigma = workload['level']['alpha'], workload['level']['sigma']

            def sample():
                with torch.inference_mode():
                    denoised = (x - sigma * self.model(x, t)) / alpha
                return denoised

            self.step = sample
            self.number = lambda denoised: denoised.square().mean().item()
            return

        options = workload['optimizer']
        # Decay is for matrices and filters, as in ours.
        decay = options['weightDecay']
        groups = [{'params': self.parameters}] if decay == 0 else [
            {'params': [p for p in self.parameters if p.dim() >= 2], 'weight_decay': decay},
            {'params': [p for p in self.parameters if p.dim() < 2]}]
        self.optimizer = torch.optim.AdamW(
            groups, lr=options['learningRate'], betas=(options['beta1'], options['beta2']),
            eps=options['epsilon'], weight_decay=0.0,
            fused=True if settings.get('fused') else None)
        ema_rate = workload['emaRate']
        ema = None if ema_rate is None else [p.detach().clone() for p in self.parameters]
        batches = [
            {name[len(prefix):]: item(name) for name in arrays if name.startswith(prefix)}
            for prefix in (f'batch/{i}/' for i in range(workload['batches']))]
        objective = LOSSES[workload['loss']['name']]
        loss_options = workload['loss']['options']

        def train():
            batch = batches[self.count % len(batches)]
            self.count += 1
            loss = objective(self.model, batch, loss_options)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            if ema is not None:
                with torch.no_grad():
                    torch._foreach_lerp_(ema, self.parameters, ema_rate)
            return loss

        self.step = train
        self.number = lambda loss: loss.item()


def cpu_capability():
    return torch.backends.cpu.get_cpu_capability()


def main():
    torch.set_num_threads(int(sys.argv[1]))
    job = None

    def describe(_):
        return {'versions': {'pytorch': torch.__version__, 'python': platform.python_version()},
                'threads': torch.get_num_threads(),
                'details': f'eager, {cpu_capability()}, '
                           f'{"MKL" if torch.backends.mkl.is_available() else "no MKL"}, '
                           f'{"oneDNN" if torch.backends.mkldnn.is_available() else "no oneDNN"}'}

    def open_(request):
        nonlocal job
        job = Job(request['folder'], request.get('settings') or {})
        return {'parameters': sum(p.numel() for p in job.parameters)}

    def numbers(request):
        return {'numbers': [job.number(job.step()) for _ in range(request['steps'])]}

    def time_(request):
        times = []
        used = time.process_time()
        begin = time.perf_counter()
        while len(times) < request['atMost'] and (
                not times or (time.perf_counter() - begin) * 1e3 < request['budget']):
            start = time.perf_counter()
            job.step()
            times.append((time.perf_counter() - start) * 1e3)
        processor = (time.process_time() - used) * 1e3 / len(times)
        return {'milliseconds': times, 'processor': processor}

    actions = {'describe': describe, 'open': open_, 'numbers': numbers, 'time': time_}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = actions[request['do']](request)
        except Exception as error:  # The runner prints it and goes on without this side.
            reply = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(reply), flush=True)


main()
