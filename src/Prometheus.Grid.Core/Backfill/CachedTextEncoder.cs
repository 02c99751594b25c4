using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Backfill;

/// <summary>
/// Remembers the vectors of texts across the dates of a store, so that a profile that has not changed since an earlier date costs a look-up
/// and not a transformer. The key is a hash of the text and of the computation. For one caller at a time.
/// </summary>
/// <remarks>
/// Each date keeps what it was the first to compute, so a text is stored once however many dates have it. That a date may find what a later
/// one has stored is no look-ahead: a vector depends on its text and on nothing else.
/// </remarks>
internal sealed class CachedTextEncoder : ITextEncoder
{
    private const string ArtifactName = "text-vectors";
    private const int KeySize = SHA256.HashSizeInBytes;

    private readonly ITextEncoder _encoder;
    private readonly IArtifactStore _artifacts;
    private readonly string _modelId;
    private readonly DateOnly _asOf;
    private readonly Dictionary<Key, ReadOnlyMemory<byte>> _known = [];
    private readonly List<Key> _own = [];

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
        foreach (DateOnly date in await artifacts.DatesAsync(modelId, ArtifactName, cancellationToken))
            cached.Take(await ReadAsync(artifacts, modelId, date, cancellationToken) ?? default, isOwn: date == asOf);
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
        if (missing.Count > 0)
        {
            var computed = new float[missing.Count * Dimension];
            await _encoder.EncodeAsync([.. missing.Values], computed, cancellationToken);
            byte[] bytes = MemoryMarshal.AsBytes<float>(computed).ToArray();
            int vectorSize = Dimension * sizeof(float);
            foreach ((Key key, int index) in missing.Keys.Select((key, index) => (key, index)))
            {
                _known.Add(key, bytes.AsMemory(index * vectorSize, vectorSize));
                _own.Add(key);
            }
            await _artifacts.WriteAsync(_modelId, _asOf, ArtifactName, OwnEntries(), cancellationToken);
        }
        for (int d = 0; d < keys.Length; d++)
            _known[keys[d]].Span.CopyTo(MemoryMarshal.AsBytes(vectors.Span.Slice(d * Dimension, Dimension)));
    }

    /// <summary>A damaged memory is no memory: what it held is computed and written again.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(IArtifactStore artifacts, string modelId, DateOnly date, CancellationToken cancellationToken)
    {
        try
        {
            return await artifacts.ReadAsync(modelId, date, ArtifactName, cancellationToken);
        }
        catch (GridFaultException fault) when (!fault.CanRetry)
        {
            return null;
        }
    }

    // Entries are a key and a vector, one behind the other; a length that does not fit is that of another dimension.
    private void Take(ReadOnlyMemory<byte> entries, bool isOwn)
    {
        if (entries.Length % EntrySize != 0)
            return;
        for (int start = 0; start < entries.Length; start += EntrySize)
        {
            var key = MemoryMarshal.Read<Key>(entries.Span[start..]);
            if (_known.TryAdd(key, entries.Slice(start + KeySize, EntrySize - KeySize)) && isOwn)
                _own.Add(key);
        }
    }

    private byte[] OwnEntries()
    {
        var entries = new byte[_own.Count * EntrySize];
        for (int i = 0; i < _own.Count; i++)
        {
            Span<byte> entry = entries.AsSpan(i * EntrySize, EntrySize);
            MemoryMarshal.Write(entry, _own[i]);
            _known[_own[i]].Span.CopyTo(entry[KeySize..]);
        }
        return entries;
    }

    private Key KeyOf(string text) => MemoryMarshal.Read<Key>(SHA256.HashData(Encoding.UTF8.GetBytes($"{Fingerprint}\0{text}")));

    /// <summary>A SHA-256.</summary>
    private readonly record struct Key(UInt128 High, UInt128 Low);
}
