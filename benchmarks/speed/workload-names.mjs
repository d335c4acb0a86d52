// Apart from the workloads themselves, which need the built packages.

const scoreMatching = [
  'esm',
  'ism',
  'ism-hutchinson',
  'ssm',
  'ssm-vr',
  'ssm-fd',
  'ssm-vr-levels',
  'dsm',
];

const networks = [
  'mlp',
  'mlp-sample',
  'mlp-wide',
  'mlp-wide-sample',
  'unet-train',
  'unet-sample',
  'unet64-train',
  'unet64-sample',
  'cifar-forward',
];
const browser = ['browser-mlp'];

export const workloadNames = [...networks, ...browser, ...scoreMatching];

/** Names that stand for several workloads. */
export const workloadGroups = { networks, browser, 'score-matching': scoreMatching };
