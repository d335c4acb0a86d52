const tag = /<(\/?)([a-zA-Z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
const content = /[^<&>]*(?:&(?:amp|lt|gt|quot);[^<&>]*)*/y;

/** Throws where an XML document of elements, attributes and text is not well formed. */
export function checkXml(xml: string): void {
  const open: string[] = [];
  let at = 0;
  let roots = 0;
  const problem = (what: string) =>
    new Error(`${what} at ${at}: …${xml.slice(Math.max(0, at - 30), at + 60)}…`);
  while (at < xml.length) {
    content.lastIndex = at;
    const words = content.exec(xml)?.[0] ?? '';
    if (open.length === 0 && words.trim() !== '') throw problem('text outside the root');
    at += words.length;
    if (at === xml.length) break;
    tag.lastIndex = at;
    const match = tag.exec(xml);
    if (match === null) throw problem('neither text nor a tag');
    const [whole, closing, name, attributes, empty] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    const names = [...attributes.matchAll(/([\w:-]+)="/g)].map(([, key]) => key);
    if (new Set(names).size !== names.length) throw problem('an attribute is given twice');
    if (closing !== '') {
      if (open.pop() !== name) throw problem(`</${name}> closes what is not open`);
    } else if (empty === '') {
      if (open.length === 0) roots += 1;
      open.push(name);
    }
    at += whole.length;
  }
  if (open.length > 0 || roots !== 1) throw problem('the document does not close');
}

/** The attributes of all elements of a name. */
export function elements(xml: string, name: string): Record<string, string>[] {
  return [...xml.matchAll(new RegExp(`<${name}((?:\\s+[\\w:-]+="[^"]*")*)\\s*/?>`, 'g'))].map(
    ([, attributes]) =>
      Object.fromEntries(
        [...attributes!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
      ),
  );
}
