namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>Cuts an open prices_daily into blocks that are parsed apart, whatever its file is made of. One thread at a time.</summary>
internal interface IPriceBlocks : IDisposable
{
    /// <summary>What counts the rows of such a file, in messages: <c>line</c> or <c>row</c>.</summary>
    string Counts { get; }

    /// <summary>The number of its first row.</summary>
    long FirstRow { get; }

    /// <summary>True when it has adjusted closes.</summary>
    bool HasAdjustedClose { get; }

    /// <summary>Reads the next block; null at the end.</summary>
    /// <returns>Parses the block, on any thread; throws <see cref="BadRowException"/> where a row refuses the table.</returns>
    /// <exception cref="Core.Errors.BadInputException">The file cannot be read on from here.</exception>
    Func<PriceBlock>? Next();
}
