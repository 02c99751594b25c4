using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Prices;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Encoders;

/// <summary>Why an entity got no vector: a stable code to count by, and the particulars of this one.</summary>
/// <param name="Code">For example <c>insufficient price rows</c>.</param>
/// <param name="Detail">For example <c>87 of the 109 that a window of 126 days needs</c>; may be empty.</param>
public readonly record struct SkipReason(string Code, string Detail = "");

/// <summary>Turns the input of one entity into one vector. Thread-safe: a backfill calls it from all cores.</summary>
/// <typeparam name="TInput">What the model reads of an entity.</typeparam>
public interface IVectorEncoder<in TInput>
{
    /// <summary>Length of the vectors.</summary>
    int Dimension { get; }

    /// <summary>
    /// Changes when what the encoder was made from beside its inputs may have changed, such as vectors of another model; empty when it was
    /// made from nothing else. A killed backfill is taken up only when this is the same.
    /// </summary>
    string Version => "";

    /// <summary>
    /// True when it was made from rows of the store (a fit, vectors of another model) and not from its manifest alone. To make it again
    /// elsewhere would cost as much as to use it, and might find other rows: a backfill with it stays in one process.
    /// </summary>
    bool IsFitted => false;

    /// <summary>Writes the vector of <paramref name="input"/>, or says why there is none.</summary>
    /// <param name="input">The entity's input.</param>
    /// <param name="vector">Receives <see cref="Dimension"/> values, all finite; its content is undefined when a reason is returned.</param>
    /// <returns>Null when the vector was written.</returns>
    SkipReason? Encode(TInput input, Span<float> vector);
}

/// <summary>Encodes price histories.</summary>
public interface IPriceEncoder : IVectorEncoder<PriceSeries>
{
    /// <summary>Calendar days before the as-of date whose prices it reads.</summary>
    int LookbackCalendarDays { get; }

    /// <summary>How many of the last days among these it looks at; the others need not be read.</summary>
    int MostDays => int.MaxValue;

    /// <summary>
    /// True when the prices themselves say who was listed on a date, so that equities which are delisted today have their vectors of the
    /// past; false when today's status decides, as in the seed.
    /// </summary>
    bool IsListedByPrices => false;
}

/// <summary>
/// Encodes documents, many at once, since transformer encoders gain an order of magnitude from batches. Thread-safe where it has no
/// <see cref="Fingerprint"/>; with one it is called by one caller at a time.
/// </summary>
public interface ITextEncoder
{
    /// <summary>Length of the vectors.</summary>
    int Dimension { get; }

    /// <summary>
    /// Identifies the computation when a vector is worth keeping: equal fingerprints and equal texts mean equal vectors. Null for encoders
    /// that compute faster than a store reads.
    /// </summary>
    string? Fingerprint => null;

    /// <summary>The words that the model knows; null where it has no words, as a hash of letters or a transformer has none.</summary>
    ITextTerms? Terms => null;

    /// <summary>Encodes documents; the vector of a document does not depend on its neighbours in the batch.</summary>
    /// <param name="documents">Documents, none of them empty.</param>
    /// <param name="vectors">Receives documents × <see cref="Dimension"/> values, row by row. A document without a single known feature gets a zero row.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    Task EncodeAsync(IReadOnlyList<string> documents, Memory<float> vectors, CancellationToken cancellationToken);
}

/// <summary>The words, and pairs of words, that a text model knows. Thread-safe.</summary>
public interface ITextTerms
{
    /// <summary>All of them, ordinally ascending; a pair is written <c>first second</c>.</summary>
    IReadOnlyList<string> All { get; }

    /// <summary>Which of them a document has: places in <see cref="All"/>, ascending, each once.</summary>
    IReadOnlyList<int> FoundIn(string document);
}

/// <summary>What an encoder may look at before it encodes: the date, the inputs up to it and the fits kept from before.</summary>
/// <param name="Model">The model.</param>
/// <param name="AsOf">The date of the vectors; nothing after it may be read.</param>
/// <param name="WindowDays">Length of the price window when the run names one, else null.</param>
/// <param name="Inputs">The user's tables.</param>
/// <param name="Artifacts">Fits of this and earlier dates.</param>
/// <param name="Vectors">Vectors of other models on the date, for models that build on them.</param>
public sealed record EncoderContext(
    ModelManifest Model, DateOnly AsOf, int? WindowDays, IGridInputs Inputs, IArtifactStore Artifacts, IVectorStore Vectors);
