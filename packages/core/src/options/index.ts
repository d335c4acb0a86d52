export type {
  Alternatives,
  AnyFactory,
  BooleanOption,
  ChoiceOption,
  Factory,
  ListOption,
  MadeBy,
  NumberOption,
  Option,
  OptionInput,
  OptionSpecs,
  Options,
  OptionsInput,
  OptionValue,
  PluginChoice,
  PluginOption,
  PluginSource,
  TextOption,
  VariantOption,
} from './declaration.js';
export {
  boolean,
  choice,
  integer,
  number,
  numbers,
  plugin,
  text,
  texts,
  variant,
} from './declare.js';
export { describeOption, type ListedOption, listOptions } from './describe.js';
export { parseOption, type SetOptionRequest, setOption } from './parse.js';
export { optionsConfig, resolveOptions } from './resolve.js';
