import { TweedieError } from '@tweedie/core';
import { mostSize } from '../kit/sizes.js';
import type { Size } from './block-style.js';
import type { Unet2dOptions } from './options.js';

/** A level of the U, from the full size down. */
export interface PlannedLevel {
  readonly channels: number;
  readonly size: Size;
  readonly down: { readonly attention: boolean; readonly resampling: 'conv' | 'resnet' };
  readonly up: { readonly attention: boolean; readonly resampling: 'conv' | 'resnet' };
}

/** 'chosen' stands for the kind that downsampleType or upsampleType names. */
const downBlockTypes = {
  DownBlock2D: { attention: false, resampling: 'conv' },
  AttnDownBlock2D: { attention: true, resampling: 'chosen' },
  ResnetDownsampleBlock2D: { attention: false, resampling: 'resnet' },
} as const;
const upBlockTypes = {
  UpBlock2D: { attention: false, resampling: 'conv' },
  AttnUpBlock2D: { attention: true, resampling: 'chosen' },
  ResnetUpsampleBlock2D: { attention: false, resampling: 'resnet' },
} as const;

/** Halved so often, the largest image is one pixel. */
const mostLevels = 24;

function refuse(given: string, allowed: string): never {
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'networks',
    given: `unet2d: ${given}`,
    allowed,
  });
}

/**
 * The levels of a U-Net; checks that the options fit each other.
 *
 * @throws TweedieError INVALID_OPTION
 */
export function planLevels(options: Unet2dOptions): readonly PlannedLevel[] {
  const { blockOutChannels, normNumGroups, attnNormNumGroups, classEmbedType } = options;
  const count = blockOutChannels.length;
  const isSize = (channels: number) => Number.isInteger(channels) && channels <= mostSize;
  if (count === 0 || count > mostLevels || !blockOutChannels.every(isSize)) {
    refuse(
      `blockOutChannels is [${blockOutChannels.slice(0, 10).join(', ')}${count > 10 ? `, … (${count})` : ''}]`,
      `1 to ${mostLevels} whole numbers of at most ${mostSize}, a level each`,
    );
  }
  for (const name of ['downBlockTypes', 'upBlockTypes'] as const) {
    if (options[name].length === count) continue;
    refuse(
      `${name} names ${options[name].length} blocks and blockOutChannels ${count} levels`,
      'as many block types as levels',
    );
  }
  for (const channels of blockOutChannels) {
    if (channels >= 1 && channels % normNumGroups === 0) continue;
    refuse(
      `a level has ${channels} channels and normNumGroups is ${normNumGroups}`,
      'groups that divide the channels of every level',
    );
  }
  const lowest = blockOutChannels[count - 1]!;
  if (attnNormNumGroups !== null && lowest % attnNormNumGroups !== 0) {
    refuse(
      `the middle block has ${lowest} channels and attnNormNumGroups is ${attnNormNumGroups}`,
      'groups that divide the channels of the last level',
    );
  }
  if (classEmbedType !== null && classEmbedType !== 'timestep') {
    refuse(`classEmbedType is '${classEmbedType}'`, "null or 'timestep'");
  }

  let size: Size = [options.sampleSize, options.sampleWidth ?? options.sampleSize];
  return blockOutChannels.map((channels, i) => {
    const down = blockOfType(downBlockTypes, 'downBlockTypes', options.downBlockTypes[i]!);
    const up = blockOfType(upBlockTypes, 'upBlockTypes', options.upBlockTypes[count - 1 - i]!);
    const { attention, resampling } = down;
    const level: PlannedLevel = {
      channels,
      size,
      down: {
        attention,
        resampling: resampling === 'chosen' ? options.downsampleType : resampling,
      },
      up: {
        attention: up.attention,
        resampling: up.resampling === 'chosen' ? options.upsampleType : up.resampling,
      },
    };
    if (size[0] < 1 || size[1] < 1) {
      refuse(
        `an image of ${options.sampleSize} × ${options.sampleWidth ?? options.sampleSize} has no pixels left at level ${i + 1} of ${count}`,
        'an image that can be halved once a level',
      );
    }
    size = halved(size, level.down.resampling === 'conv' ? options.downsamplePadding : 0);
    return level;
  });
}

/** One padded pixel on each side keeps an odd last one, otherwise it is left out. */
function halved([height, width]: Size, padding: number): Size {
  const round = padding === 0 ? Math.floor : Math.ceil;
  return [round(height / 2), round(width / 2)];
}

function blockOfType<Kind>(
  types: Readonly<Record<string, Kind>>,
  option: string,
  given: string,
): Kind {
  if (Object.hasOwn(types, given)) return types[given]!;
  return refuse(`${option} names '${given}'`, `blocks ${Object.keys(types).join(', ')}`);
}
