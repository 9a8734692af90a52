// Writes scalars.tsv anew: what npm `yaml` 2.9.1 reads, in its core schema, for each text of the first column.
//   npm install yaml@2.9.1 && node scalars.mjs scalars.tsv
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'

const answer = text => {
  const value = parse(`x: ${text}\n`, { schema: 'core', version: '1.2', intAsBigInt: true }).x
  if (value === null) return 'null\t'
  if (typeof value === 'string') return value === text ? 'str\t' : `str\t${JSON.stringify(value)}`
  const kind = { bigint: 'int', number: 'float', boolean: 'bool' }[typeof value]
  return `${kind}\t${Object.is(value, -0) ? '-0' : value}`
}
const file = process.argv[2]
const texts = readFileSync(file, 'utf8').trimEnd().split('\n').map(line => line.split('\t')[0])
writeFileSync(file, texts.map(text => `${text}\t${answer(text)}\n`).join(''))
