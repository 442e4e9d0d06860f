/** A value as Go holds it: integers beyond 2^53 are bigint; keys are strings already. */
export type YamlValue = null | boolean | number | bigint | string | YamlValue[] | YamlMap;

/** A mapping of a YAML document, in the order of the document. */
export type YamlMap = Map<string, YamlValue>;
