using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Grains.Messages;

/// <summary>
/// Puts into the same partitions on their way to the writer of a date. What they have in common travels once, the rest column by column: a row costs its
/// vector and little more.
/// </summary>
[GenerateSerializer, Immutable, Alias("grid.put-group")]
public sealed record PutGroup
{
    /// <summary>The partitions that each put writes one row of, p of them.</summary>
    [Id(0)] public required PartitionKey[] Keys { get; init; }

    /// <summary>The recipe of the rows, by partition.</summary>
    [Id(1)] public required string[] Origins { get; init; }

    /// <summary>Whose rows: those of the first put by partition, then those of the second; n × p, like all that follow.</summary>
    [Id(2)] public required string[] EntityIds { get; init; }

    /// <summary>The representative instruments, or empty.</summary>
    [Id(3)] public required string[] InstrumentIds { get; init; }

    /// <summary>The issuers' regions, or empty.</summary>
    [Id(4)] public required string[] Regions { get; init; }

    /// <summary>What the vectors were made from.</summary>
    [Id(5)] public required string[] Sources { get; init; }

    /// <summary>The vectors.</summary>
    [Id(6)] public required VectorBytes[] Vectors { get; init; }

    /// <summary>
    /// Other partitions that the rows were made by: nothing is to be written where one is not as expected, or one of <see cref="Keys"/> holds rows of another recipe.
    /// Null where all is to be written.
    /// </summary>
    [Id(7)] public PartitionKey[]? ExpectedKeys { get; init; }

    /// <summary>Their recipes; null for one that does not exist.</summary>
    [Id(8)] public string?[]? ExpectedOrigins { get; init; }

    /// <summary>The message for some puts.</summary>
    /// <param name="puts">At least one, of exactly one row for each partition, all of the same partitions and recipes in one order.</param>
    /// <param name="expected">What is to be so that they are written; null where they are to be written anyway.</param>
    public static PutGroup Of(IReadOnlyList<IReadOnlyList<VectorPut>> puts, IReadOnlyList<PartitionRecipe>? expected)
    {
        VectorPut[] all = [.. puts.SelectMany(put => put)];
        RowHeader[] headers = [.. all.Select(put => put.Rows.Headers.Single())];
        return new PutGroup
        {
            Keys = [.. puts[0].Select(put => put.Key)],
            Origins = [.. puts[0].Select(put => put.Origin)],
            EntityIds = Array.ConvertAll(headers, header => header.EntityId),
            InstrumentIds = Array.ConvertAll(headers, header => header.InstrumentId),
            Regions = Array.ConvertAll(headers, header => header.Region),
            Sources = Array.ConvertAll(headers, header => header.Source),
            Vectors = Array.ConvertAll(all, put => new VectorBytes(put.Rows.Values)),
            ExpectedKeys = expected?.Select(recipe => recipe.Key).ToArray(),
            ExpectedOrigins = expected?.Select(recipe => recipe.Origin).ToArray(),
        };
    }

    /// <summary>What is to be so that the puts are written; null where they are to be written anyway.</summary>
    public IReadOnlyList<PartitionRecipe>? Expected() =>
        ExpectedKeys is null ? null : [.. ExpectedKeys.Zip(ExpectedOrigins ?? [], (key, origin) => new PartitionRecipe(key, origin))];

    /// <summary>The puts of a message.</summary>
    public IReadOnlyList<IReadOnlyList<VectorPut>> ToPuts()
    {
        int partitions = Keys.Length;
        var puts = new VectorPut[EntityIds.Length / partitions][];
        for (int put = 0; put < puts.Length; put++)
        {
            puts[put] = new VectorPut[partitions];
            for (int partition = 0; partition < partitions; partition++)
            {
                int row = (put * partitions) + partition;
                var values = Vectors[row].Values;
                var header = new RowHeader(EntityIds[row], InstrumentIds[row], Regions[row], Sources[row]);
                puts[put][partition] = new VectorPut(Keys[partition], new VectorBatch([header], values, values.Length), Origins[partition]);
            }
        }
        return puts;
    }
}
