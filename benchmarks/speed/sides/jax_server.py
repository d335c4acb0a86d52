"""The JAX side of the benchmark: one jitted function for loss, gradients, Adam and moving average,
whose state is donated; where a run holds several steps, `lax.scan` over them."""

import os
import platform
import sys

THREADS = int(sys.argv[1])
# XLA has no setting for it: its pool has a thread for each processor that the process may use.
if hasattr(os, 'sched_setaffinity'):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

import jax  # noqa: E402
import numpy as np  # noqa: E402
import jax.numpy as jnp  # noqa: E402

from jax_networks import jax_layout, mlp, unet2d  # noqa: E402
from server import read_workload, serve  # noqa: E402


class Job:
    """One workload, made ready: `step()` does the timed work and returns one number."""

    def __init__(self, folder, settings):
        workload, arrays = read_workload(folder)
        network = workload['network']
        apply = {'mlp': mlp, 'unet2d': unet2d}[network['name']](network['options'])
        prefix = 'params/'
        params = {name[len(prefix):]: jnp.asarray(jax_layout(name, value))
                  for name, value in arrays.items() if name.startswith(prefix)}
        self.parameters = sum(value.size for value in params.values())
        if workload['kind'] == 'sample':
            x, time = jnp.asarray(arrays['x']), jnp.asarray(arrays['time'])
            alpha, sigma = workload['level']['alpha'], workload['level']['sigma']
            # The parameters are constants of what is compiled.
            denoise = jax.jit(lambda x, time: (x - sigma * apply(params, x, time)) / alpha)
            self.step = lambda: denoise(x, time).block_until_ready()
            self.number = lambda denoised: float(jnp.square(denoised).mean())
            return

        adam = workload['optimizer']
        ema_rate = workload['emaRate']

        def loss_of(params, batch):
            per_item = (-1,) + (1,) * (batch['x'].ndim - 1)
            noisy = (batch['alpha'].reshape(per_item) * batch['x']
                     + batch['sigma'].reshape(per_item) * batch['noise'])
            return jnp.square(apply(params, noisy, batch['time']) - batch['noise']).mean()

        def update(state, batch):
            loss, gradient = jax.value_and_grad(loss_of)(state['params'], batch)
            count = state['count'] + 1
            rate = adam['learningRate']
            first = 1 - adam['beta1'] ** count
            second = 1 - adam['beta2'] ** count
            mean = jax.tree.map(lambda m, g: adam['beta1'] * m + (1 - adam['beta1']) * g,
                                state['mean'], gradient)
            variance = jax.tree.map(
                lambda v, g: adam['beta2'] * v + (1 - adam['beta2']) * g * g,
                state['variance'], gradient)

            def moved(p, m, v):
                # Decay is for matrices and filters, as in ours.
                kept = 1 - rate * adam['weightDecay'] if p.ndim >= 2 else 1.0
                return kept * p - rate * (m / first) / (jnp.sqrt(v / second) + adam['epsilon'])

            params = jax.tree.map(moved, state['params'], mean, variance)
            following = {'params': params, 'mean': mean, 'variance': variance, 'count': count}
            if ema_rate is not None:
                following['ema'] = jax.tree.map(
                    lambda average, p: average + ema_rate * (p - average), state['ema'], params)
            return following, loss

        compiled = jax.jit(update, donate_argnums=0)

        def zeros():
            return jax.tree.map(jnp.zeros_like, params)

        self.state = {'params': params, 'mean': zeros(), 'variance': zeros(),
                      'count': jnp.zeros((), jnp.float32)}
        if ema_rate is not None:
            self.state['ema'] = jax.tree.map(jnp.copy, params)
        batches = [
            {name[len(start):]: value for name, value in arrays.items() if name.startswith(start)}
            for start in (f'batch/{i}/' for i in range(workload['batches']))]
        self.count = 0

        def train():
            batch = batches[self.count % len(batches)]
            self.count += 1
            self.state, loss = compiled(self.state, batch)
            jax.block_until_ready(self.state)
            return loss

        self.step = train
        self.number = float
        steps = workload.get('stepsPerRun', 1)
        if steps == 1:
            return
        scanned = jax.jit(lambda state, all: jax.lax.scan(update, state, all), donate_argnums=0)

        def train_several():
            chosen = [batches[(self.count + i) % len(batches)] for i in range(steps)]
            self.count += steps
            stacked = {name: np.stack([batch[name] for batch in chosen]) for name in chosen[0]}
            self.state, losses = scanned(self.state, stacked)
            jax.block_until_ready(self.state)
            return losses

        self.several = (steps, train_several)


def describe(_):
    return {'versions': {'jax': jax.__version__, 'python': platform.python_version()},
            'threads': THREADS, 'details': f'jit, {jax.default_backend()}'}


serve(describe, Job)
