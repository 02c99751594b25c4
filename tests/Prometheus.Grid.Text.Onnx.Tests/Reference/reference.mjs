// Writes reference.json: what npm @huggingface/tokenizers and onnxruntime-node make of the same texts and the same model.
//   npm install @huggingface/tokenizers@0.2.0 onnxruntime-node@1.29.0
//   node reference.mjs DATA_FOLDER SMALL_MODEL_FOLDER FULL_MODEL_FOLDER > reference.json
// DATA_FOLDER is the reference data; the other two are the folders `small` and `full` that the tests write beside their program.
// Hard strings stand in the result in full; the corpus and the sweep over Unicode as one SHA-256 a thousand texts (ids as int32
// little-endian, each text led by its count), so that a difference is narrowed down without 20 MB of numbers in the repository.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { Tokenizer } from '@huggingface/tokenizers';
import ort from 'onnxruntime-node';

const [data, small, full] = process.argv.slice(2);
const definition = JSON.parse(fs.readFileSync(path.join(data, 'minilm/tokenizer.json'), 'utf8'));
const tokenizer = new Tokenizer(definition, {});

// The truncation of tokenizer.json is 128; the encoder reads 512.
function encode(text, by = tokenizer, maxTokens = 512) {
    const { ids } = by.encode(text);
    return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids.at(-1)];
}

function digests(texts) {
    const result = [];
    for (let start = 0; start < texts.length; start += 1000) {
        const hash = crypto.createHash('sha256');
        for (const text of texts.slice(start, start + 1000)) {
            const ids = encode(text);
            hash.update(Buffer.from(Int32Array.from([ids.length, ...ids]).buffer));
        }
        result.push(hash.digest('hex'));
    }
    return result;
}

function corpus() {
    const csv = zlib.gunzipSync(fs.readFileSync(path.join(data, 'corpus/company_descriptions.csv.gz'))).toString('utf8');
    const texts = [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\r?\n|$)/g)]
        .filter(cell => cell[3] !== ',' && cell[0] !== '')
        .map(cell => cell[1]?.replaceAll('""', '"') ?? cell[2]);
    return texts.slice(1);
}

// Every code point of the basic plane at the start, inside, at the end of a word, and around capital sigma and an accent. Code points that
// came with Unicode 17 are left out: .NET 10 has the properties of Unicode 16.
const unicode17 = [[0x88F, 0x88F], [0xC5C, 0xC5C], [0xCDC, 0xCDC], [0x1ACF, 0x1ADD], [0x1AE0, 0x1AEB], [0x20C1, 0x20C1], [0x2B96, 0x2B96],
    [0xA7CE, 0xA7CF], [0xA7D2, 0xA7D2], [0xA7D4, 0xA7D4], [0xA7F1, 0xA7F1], [0xFBC3, 0xFBD2], [0xFD90, 0xFD91], [0xFDC8, 0xFDCE]];

function sweep() {
    const texts = [];
    for (let point = 0; point < 0x10000; point++) {
        if ((point >= 0xD800 && point < 0xE000) || unicode17.some(([first, last]) => point >= first && point <= last)) continue;
        const c = String.fromCharCode(point);
        texts.push(`ab${c}cd ${c} ${c}ef gh${c} ΑΣ${c} ${c}Σ ΑΣ${c}Α Α${c}Σ é${c} ${c}\u0301x`);
    }
    return texts;
}

const digest = file => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');

// Mean-pooled unit vectors; shorter texts of a batch are padded.
async function unitVectors(session, batch) {
    const length = Math.max(...batch.map(ids => ids.length));
    const tensor = value => new ort.Tensor(
        'int64', BigInt64Array.from(batch.flatMap(ids => Array.from({ length }, (_, t) => value(ids, t))), BigInt), [batch.length, length]);
    const { last_hidden_state: { data, dims } } = await session.run({
        input_ids: tensor((ids, t) => ids[t] ?? 0), attention_mask: tensor((ids, t) => t < ids.length ? 1 : 0), token_type_ids: tensor(() => 0),
    });
    const dimension = dims[2];
    return batch.map((ids, row) => {
        const mean = Array.from({ length: dimension }, (_, d) => {
            let sum = 0;
            for (let t = 0; t < ids.length; t++) sum += data[(row * length + t) * dimension + d];
            return sum / ids.length;
        });
        const norm = Math.hypot(...mean);
        return mean.map(value => Math.fround(value / norm));
    });
}

// The model of MiniLM's size on every 1000th text of the corpus and its longest, in padded batches of 8.
async function fullSize(texts) {
    const session = await ort.InferenceSession.create(path.join(full, 'model.onnx'));
    const longest = texts.reduce((best, text, i) => text.length > texts[best].length ? i : best, 0);
    const documents = [...texts.keys()].filter(i => i % 1000 === 0 || i === longest);
    const vectors = [];
    for (let start = 0; start < documents.length; start += 8) {
        const batch = documents.slice(start, start + 8);
        for (const vector of await unitVectors(session, batch.map(i => encode(texts[i]))))
            vectors.push({ document: batch[vectors.length - start], vector: Buffer.from(Float32Array.from(vector).buffer).toString('base64') });
    }
    return vectors;
}

// The small model, one text a run.
async function embeddings(texts) {
    const words = fs.readFileSync(path.join(small, 'vocab.txt'), 'utf8').split('\n').filter(word => word);
    const ids = Object.fromEntries(words.map((word, id) => [word, id]));
    const added = definition.added_tokens.map(token => ({ ...token, id: ids[token.content] }));
    const special = Object.fromEntries(['[CLS]', '[SEP]'].map(token => [token, { id: token, ids: [ids[token]], tokens: [token] }]));
    const own = new Tokenizer({
        ...definition,
        added_tokens: added,
        model: { ...definition.model, vocab: ids },
        post_processor: { ...definition.post_processor, special_tokens: special },
    }, {});
    const session = await ort.InferenceSession.create(path.join(small, 'model.onnx'));
    const vectors = [];
    for (const text of texts) {
        const [vector] = await unitVectors(session, [encode(text, own, 48)]);
        vectors.push({ text, vector });
    }
    return vectors;
}

const hard = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'hard-strings.json'), 'utf8'));
console.log(JSON.stringify({
    hard: hard.map(text => ({ text, ids: encode(text) })),
    corpus: digests(corpus()),
    unicode17,
    sweep: digests(sweep()),
    small_model: digest(path.join(small, 'model.onnx')),
    embeddings: await embeddings(hard.filter(text => text.length > 0 && text.length < 400)),
    full_size_model: digest(path.join(full, 'model.onnx')),
    full_size: await fullSize(corpus()),
}));
