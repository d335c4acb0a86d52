"""The PyTorch side of the benchmark, operation by operation or compiled by torch.compile."""

import platform
import sys

import torch

# Before the first parallel work: threads that start later inherit the setting.
torch.set_flush_denormal(True)

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from server import read_workload, serve  # noqa: E402
from torch_losses import LOSSES  # noqa: E402
from torch_unet import UNet2d  # noqa: E402


class Mlp(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.has_time = options['timeEmbedding'] == 'raw'
        inputs = options['features'] + (1 if self.has_time else 0)
        sizes = [inputs, *options['widths'], options['features']]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.time_scale = options['timeScale']
        self.activation = {'silu': F.silu, 'softplus': F.softplus}[options['activation']]

    def forward(self, x, time=None):
        h = torch.cat([x, self.time_scale * time[:, None]], dim=1) if self.has_time else x
        for i, layer in enumerate(self.layers):
            h = layer(h if i == 0 else self.activation(h))
        return h


def compiled(settings):
    """torch.compile with some of its options."""
    import torch._inductor.config as config
    config.freezing = bool(settings.get('freezing'))
    config.cpp_wrapper = bool(settings.get('cppWrapper'))
    # The compiler's helpers would outlive the step that they are for.
    config.compile_threads = torch.get_num_threads()
    return lambda function: torch.compile(function, dynamic=False)


class Job:
    """One workload, made ready: `step()` does the timed work and returns one number."""

    def __init__(self, folder, settings):
        workload, numbers = read_workload(folder)
        arrays = {name: torch.from_numpy(value) for name, value in numbers.items()}
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
        weights = list(self.model.parameters())
        self.parameters = sum(p.numel() for p in weights)
        self.count = 0
        maybe_compiled = compiled(settings) if settings.get('compile') else lambda function: function
        if workload['kind'] == 'sample':
            x, t = item('x'), arrays['time']
            alpha, sigma = workload['level']['alpha'], workload['level']['sigma']

            # Frozen weights are constants of what is compiled, which eager PyTorch has no use for.
            self.model.eval().requires_grad_(False)
            denoise = maybe_compiled(lambda x, t: (x - sigma * self.model(x, t)) / alpha)
            guard = torch.no_grad if settings.get('freezing') else torch.inference_mode

            def sample():
                with guard():
                    return denoise(x, t)

            self.step = sample
            self.number = lambda denoised: denoised.square().mean().item()
            return

        options = workload['optimizer']
        # Decay is for matrices and filters, as in ours.
        decay = options['weightDecay']
        groups = [{'params': weights}] if decay == 0 else [
            {'params': [p for p in weights if p.dim() >= 2], 'weight_decay': decay},
            {'params': [p for p in weights if p.dim() < 2]}]
        self.optimizer = torch.optim.AdamW(
            groups, lr=options['learningRate'], betas=(options['beta1'], options['beta2']),
            eps=options['epsilon'], weight_decay=0.0,
            fused=True if settings.get('fused') else None)
        ema_rate = workload['emaRate']
        ema = None if ema_rate is None else [p.detach().clone() for p in weights]
        batches = [
            {name[len(prefix):]: item(name) for name in arrays if name.startswith(prefix)}
            for prefix in (f'batch/{i}/' for i in range(workload['batches']))]
        loss_of = LOSSES[workload['loss']['name']]
        loss_options = workload['loss']['options']
        objective = maybe_compiled(lambda batch: loss_of(self.model, batch, loss_options))

        def train():
            batch = batches[self.count % len(batches)]
            self.count += 1
            loss = objective(batch)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            if ema is not None:
                with torch.no_grad():
                    torch._foreach_lerp_(ema, weights, ema_rate)
            return loss

        self.step = train
        self.number = lambda loss: loss.item()


def describe(_):
    return {'versions': {'pytorch': torch.__version__, 'python': platform.python_version()},
            'threads': torch.get_num_threads(),
            'details': f'{torch.backends.cpu.get_cpu_capability()}, '
                       f'{"MKL" if torch.backends.mkl.is_available() else "no MKL"}, '
                       f'{"oneDNN" if torch.backends.mkldnn.is_available() else "no oneDNN"}'}


torch.set_num_threads(int(sys.argv[1]))
serve(describe, Job)
