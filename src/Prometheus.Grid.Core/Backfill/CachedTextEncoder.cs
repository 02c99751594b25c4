using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Core.Telemetry;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Remembers the vectors of texts across the dates of a store, so that a profile that has not changed since an earlier date costs a look-up
/// and not a transformer. The key is a hash of the text and of the computation. For one caller at a time.
/// </summary>
/// <remarks>
/// Each date keeps what it was the first to compute, so a text is stored once however many dates have it. That a date may find what a later
/// one has stored is no look-ahead: a vector depends on its text and on nothing else. The vectors of a date are kept in blocks, so that what
/// a chunk adds is written without all that came before it.
/// </remarks>
internal sealed class CachedTextEncoder : ITextEncoder
{
    /// <summary>Entries of an artifact, 1.6 MB at 384 dimensions: as many as a chunk of a backfill brings.</summary>
    private const int BlockSize = 1024;

    private const int KeySize = SHA256.HashSizeInBytes;

    private readonly ITextEncoder _encoder;
    private readonly IArtifactStore _artifacts;
    private readonly string _modelId;
    private readonly DateOnly _asOf;
    private readonly Dictionary<Key, ReadOnlyMemory<byte>> _known = [];
    private readonly List<List<Key>> _own = [];

    private CachedTextEncoder(ITextEncoder encoder, IArtifactStore artifacts, string modelId, DateOnly asOf)
    {
        _encoder = encoder;
        _artifacts = artifacts;
        _modelId = modelId;
        _asOf = asOf;
    }

    /// <inheritdoc/>
    public int Dimension => _encoder.Dimension;

    /// <inheritdoc/>
    public string? Fingerprint => _encoder.Fingerprint;

    private int EntrySize => KeySize + Dimension * sizeof(float);

    /// <summary>Puts the vectors that a store remembers before an encoder; an encoder without a fingerprint is returned as it is.</summary>
    public static async Task<ITextEncoder> OverAsync(
        ITextEncoder encoder, IArtifactStore artifacts, string modelId, DateOnly asOf, CancellationToken cancellationToken)
    {
        if (encoder.Fingerprint is null)
            return encoder;
        var cached = new CachedTextEncoder(encoder, artifacts, modelId, asOf);
        IReadOnlyList<DateOnly> dates;
        for (int block = 0; (dates = await artifacts.DatesAsync(modelId, NameOf(block), cancellationToken)).Count > 0; block++)
        {
            foreach (var date in dates)
            {
                var keys = cached.Take(await ReadAsync(artifacts, modelId, date, NameOf(block), cancellationToken));
                if (date == asOf)
                    cached._own.Add(keys);
            }
        }
        return cached;
    }

    /// <inheritdoc/>
    public async Task EncodeAsync(IReadOnlyList<string> documents, Memory<float> vectors, CancellationToken cancellationToken)
    {
        Key[] keys = [.. documents.Select(KeyOf)];
        var missing = new Dictionary<Key, string>();
        for (int d = 0; d < keys.Length; d++)
        {
            if (!_known.ContainsKey(keys[d]))
                missing.TryAdd(keys[d], documents[d]);
        }
        GridMetrics.Looked("text_vectors", isHit: true, keys.Length - missing.Count);
        GridMetrics.Looked("text_vectors", isHit: false, missing.Count);
        if (missing.Count > 0)
        {
            float[] computed = new float[missing.Count * Dimension];
            await _encoder.EncodeAsync([.. missing.Values], computed, cancellationToken);
            byte[] bytes = MemoryMarshal.AsBytes<float>(computed).ToArray();
            int vectorSize = Dimension * sizeof(float);
            foreach ((var key, int index) in missing.Keys.Select((key, index) => (key, index)))
                _known.Add(key, bytes.AsMemory(index * vectorSize, vectorSize));
            await KeepAsync(missing.Keys.ToArray(), cancellationToken);
        }
        for (int d = 0; d < keys.Length; d++)
            _known[keys[d]].Span.CopyTo(MemoryMarshal.AsBytes(vectors.Span.Slice(d * Dimension, Dimension)));
    }

    private static string NameOf(int block) => $"text-vectors-{block}";

    /// <summary>A damaged block is an empty one: what it held is computed and written again.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        IArtifactStore artifacts, string modelId, DateOnly date, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await artifacts.ReadAsync(modelId, date, name, cancellationToken) ?? default;
        }
        catch (GridFaultException fault) when (!fault.CanRetry)
        {
            return default;
        }
    }

    /// <summary>Learns the entries of a block (a key and a vector, one behind the other) and returns those that were not known from another.</summary>
    private List<Key> Take(ReadOnlyMemory<byte> entries)
    {
        var keys = new List<Key>();
        // A length that does not fit is that of another dimension.
        if (entries.Length % EntrySize != 0)
            return keys;
        for (int start = 0; start < entries.Length; start += EntrySize)
        {
            var key = MemoryMarshal.Read<Key>(entries.Span[start..]);
            if (_known.TryAdd(key, entries.Slice(start + KeySize, EntrySize - KeySize)))
                keys.Add(key);
        }
        return keys;
    }

    /// <summary>Adds entries to the blocks of this date that have room, and writes those blocks.</summary>
    private async Task KeepAsync(ReadOnlyMemory<Key> keys, CancellationToken cancellationToken)
    {
        for (int block = 0; !keys.IsEmpty; block++)
        {
            if (block == _own.Count)
                _own.Add([]);
            int room = Math.Min(BlockSize - _own[block].Count, keys.Length);
            if (room <= 0)
                continue;
            _own[block].AddRange(keys.Span[..room]);
            keys = keys[room..];
            await _artifacts.WriteAsync(_modelId, _asOf, NameOf(block), Entries(_own[block]), cancellationToken);
        }
    }

    private byte[] Entries(List<Key> keys)
    {
        byte[] entries = new byte[keys.Count * EntrySize];
        for (int i = 0; i < keys.Count; i++)
        {
            var entry = entries.AsSpan(i * EntrySize, EntrySize);
            MemoryMarshal.Write(entry, keys[i]);
            _known[keys[i]].Span.CopyTo(entry[KeySize..]);
        }
        return entries;
    }

    private Key KeyOf(string text) => MemoryMarshal.Read<Key>(SHA256.HashData(Encoding.UTF8.GetBytes($"{Fingerprint}\0{text}")));

    /// <summary>A SHA-256.</summary>
    private readonly record struct Key(UInt128 High, UInt128 Low);
}
