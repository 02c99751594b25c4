using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Surrogates;

[GenerateSerializer, Alias("grid.chunk-order")]
internal struct ChunkOrderSurrogate
{
    [Id(0)] public BackfillRequest Request;
    [Id(1)] public DateOnly AsOf;
    [Id(2)] public int Number;
    [Id(3)] public string Fingerprint;
}

[RegisterConverter]
internal sealed class ChunkOrderConverter : IConverter<ChunkOrder, ChunkOrderSurrogate>
{
    public ChunkOrder ConvertFromSurrogate(in ChunkOrderSurrogate s) => new(s.Request, s.AsOf, s.Number, s.Fingerprint);

    public ChunkOrderSurrogate ConvertToSurrogate(in ChunkOrder v) =>
        new() { Request = v.Request, AsOf = v.AsOf, Number = v.Number, Fingerprint = v.Fingerprint };
}

/// <summary>Headers column by column and all vectors as one run of bytes: 1.6 MB for 1,024 vectors of 384 values.</summary>
[GenerateSerializer, Alias("grid.encoded-chunk")]
internal struct EncodedChunkSurrogate
{
    [Id(0)] public int Dimension;
    [Id(1)] public string[] EntityIds;
    [Id(2)] public string[] InstrumentIds;
    [Id(3)] public string[] Regions;
    [Id(4)] public string[] Sources;
    [Id(5)] public VectorBytes Values;
    [Id(6)] public SkippedEntity[] Skipped;
}

[RegisterConverter]
internal sealed class EncodedChunkConverter : IConverter<EncodedChunk, EncodedChunkSurrogate>
{
    public EncodedChunk ConvertFromSurrogate(in EncodedChunkSurrogate s)
    {
        var headers = new RowHeader[s.EntityIds.Length];
        for (int i = 0; i < headers.Length; i++)
            headers[i] = new RowHeader(s.EntityIds[i], s.InstrumentIds[i], s.Regions[i], s.Sources[i]);
        return new EncodedChunk(new VectorBatch(headers, s.Values.Values, s.Dimension), s.Skipped);
    }

    public EncodedChunkSurrogate ConvertToSurrogate(in EncodedChunk v) => new()
    {
        Dimension = v.Rows.Dimension,
        EntityIds = [.. v.Rows.Headers.Select(header => header.EntityId)],
        InstrumentIds = [.. v.Rows.Headers.Select(header => header.InstrumentId)],
        Regions = [.. v.Rows.Headers.Select(header => header.Region)],
        Sources = [.. v.Rows.Headers.Select(header => header.Source)],
        Values = new VectorBytes(v.Rows.Values),
        Skipped = [.. v.Skipped],
    };
}
