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

export const workloadNames = ['mlp', 'unet-train', 'unet-sample', ...scoreMatching];

/** Names that stand for several workloads. */
export const workloadGroups = { 'score-matching': scoreMatching };
