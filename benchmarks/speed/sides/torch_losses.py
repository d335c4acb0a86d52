"""The objectives of the benchmark in PyTorch, as a user of autograd writes them: each takes the
model, called with x and the time, one batch, and the loss's options."""

import torch
from torch.nn import functional as F


def half_square(s):
    return 0.5 * s.square().sum(dim=1)


def directional(s, x, v):
    """vᵀ∇s(x)v of each row."""
    product, = torch.autograd.grad(s, x, v, create_graph=True)
    return (product * v).sum(dim=1)


def simple(model, batch, options):
    x, noise = batch['x'], batch['noise']
    per_item = (-1,) + (1,) * (x.dim() - 1)
    noisy = batch['alpha'].reshape(per_item) * x + batch['sigma'].reshape(per_item) * noise
    return F.mse_loss(model(noisy, batch['time']), noise)


def explicit(model, batch, options):
    return half_square(model(batch['x']) - batch['target']).mean()


def implicit(model, batch, options):
    x = batch['x'].detach().requires_grad_()
    s = model(x)
    if options['trace'] == 'hutchinson':
        return (directional(s, x, batch['projection'][:, 0]) + half_square(s)).mean()
    loss = half_square(s)
    for i in range(x.shape[1]):
        slope, = torch.autograd.grad(s[:, i].sum(), x, create_graph=True)
        loss = loss + slope[:, i]
    return loss.mean()


def sliced(model, batch, options):
    x, v, time = batch['x'], batch['projection'][:, 0], batch.get('time')
    if options['noise'] == 'schedule':
        x = x + batch['sigma'][:, None] * batch['noise']
    step = options['finiteDifference']
    if step is not None:
        above, below = model(x + step * v, time), model(x - step * v, time)
        s = 0.5 * (above + below)
        curvature = ((above - below) * v).sum(dim=1) / (2 * step)
    else:
        x = x.detach().requires_grad_()
        s = model(x, time)
        curvature = directional(s, x, v)
    square = half_square(s) if options['varianceReduction'] else 0.5 * (s * v).sum(dim=1).square()
    loss = curvature + square
    if options['noise'] == 'schedule':
        loss = loss * batch['sigma'] ** options['power']
    return loss.mean()


def denoising(model, batch, options):
    sigma = batch['sigma'][:, None]
    s = model(batch['x'] + sigma * batch['noise'], batch['time'])
    target = -batch['noise'] / sigma
    return (half_square(s - target) * batch['sigma'] ** options['power']).mean()


LOSSES = {
    'simple': simple,
    'explicit-score-matching': explicit,
    'implicit-score-matching': implicit,
    'sliced-score-matching': sliced,
    'denoising-score-matching': denoising,
}
