// The peer of ./bench text: node peer.mjs MODEL TOKENIZER TEXTS VECTORS prints the seconds that encoding took, after a first batch, and
// how many of them the graph took.
import fs from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import ort from 'onnxruntime-node';

const [model, definition, input, output] = process.argv.slice(2);
const batchSize = 32, maxTokens = 512;
const tokenizer = new Tokenizer(JSON.parse(fs.readFileSync(definition, 'utf8')), {});
const session = await ort.InferenceSession.create(model);
let graphSeconds = 0;
const texts = JSON.parse(fs.readFileSync(input, 'utf8'));

async function encode(batch) {
    const ids = batch.map(text => tokenizer.encode(text).ids).map(i => i.length <= maxTokens ? i : [...i.slice(0, maxTokens - 1), i.at(-1)]);
    const length = Math.max(...ids.map(i => i.length));
    const shape = [batch.length, length];
    const tokens = new BigInt64Array(batch.length * length), mask = new BigInt64Array(tokens.length);
    ids.forEach((row, r) => row.forEach((id, t) => { tokens[r * length + t] = BigInt(id); mask[r * length + t] = 1n; }));
    const began = performance.now();
    const { last_hidden_state: { data, dims } } = await session.run({
        input_ids: new ort.Tensor('int64', tokens, shape),
        attention_mask: new ort.Tensor('int64', mask, shape),
        token_type_ids: new ort.Tensor('int64', new BigInt64Array(tokens.length), shape),
    });
    graphSeconds += (performance.now() - began) / 1000;
    return ids.map((row, r) => {
        const mean = new Float64Array(dims[2]);
        for (let t = 0; t < row.length; t++)
            for (let d = 0; d < mean.length; d++) mean[d] += data[(r * length + t) * mean.length + d];
        const norm = Math.hypot(...mean);
        return Float32Array.from(mean, value => value / norm);
    });
}

await encode(texts.slice(0, 8));
graphSeconds = 0;
const start = performance.now();
const vectors = [];
for (let at = 0; at < texts.length; at += batchSize) vectors.push(...await encode(texts.slice(at, at + batchSize)));
console.log((performance.now() - start) / 1000, graphSeconds);
fs.writeFileSync(output, Buffer.concat(vectors.map(v => Buffer.from(v.buffer))));
