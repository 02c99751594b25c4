using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Evaluation;

/// <summary>How alike the next 63 trading days treat the members of a part.</summary>
/// <param name="Correlation">Mean over entities of the mean correlation of their returns with those of the other members of their part.</param>
/// <param name="StandardError">Its standard error over entities, taken as independent.</param>
/// <param name="Entities">How many entities it is over: those with returns on four fifths of the days, and somebody beside them.</param>
public readonly record struct PartCorrelation(double Correlation, double StandardError, int Entities);

/// <summary>
/// Judges partitions of issuers by what happened after a date. Where markets of several calendars are in one table, few have a price on each day; so a
/// day without a return counts as one on which the entity did what it does on average.
/// </summary>
/// <param name="inputs">The user's tables.</param>
public sealed class PartitionReturns(IGridInputs inputs)
{
    private const double FewestDays = 0.8;

    private readonly ForwardReturns _forward = new(inputs);
    private readonly DailyReturns _returns = new(inputs);

    /// <summary>Judges several partitions of the same entities, each over all that it can be judged by.</summary>
    /// <param name="asOf">The date.</param>
    /// <param name="instrumentIds">For each entity the instrument that stands for it.</param>
    /// <param name="partitions">For each partition, for each entity its part; an empty label is no part.</param>
    /// <param name="cancellationToken">Ends the reads early.</param>
    /// <returns>A figure each partition; null where nobody can be judged.</returns>
    /// <exception cref="Errors.BadInputException">Prices do not reach far enough.</exception>
    public async Task<IReadOnlyList<PartCorrelation?>> CorrelationsAsync(
        DateOnly asOf, IReadOnlyList<string> instrumentIds, IReadOnlyList<IReadOnlyList<string>> partitions, CancellationToken cancellationToken)
    {
        int[] calendar = await _forward.CalendarAsync(asOf, cancellationToken);
        double[][] returns = await _returns.OfInstrumentsAsync(instrumentIds, calendar, cancellationToken);
        double[]?[] scores = [.. returns.Select(Standardised)];
        return [.. partitions.Select(parts => Judge(parts, scores))];
    }

    /// <summary>Sum 0 and squared sum 1, so that the product of two rows is their correlation; null when too few days have a return, or all have the same.</summary>
    private static double[]? Standardised(double[] returns)
    {
        double[] there = Array.FindAll(returns, double.IsFinite);
        if (there.Length < FewestDays * returns.Length)
            return null;
        double mean = there.Average(), norm = Math.Sqrt(there.Sum(r => (r - mean) * (r - mean)));
        return norm > 0 ? Array.ConvertAll(returns, r => double.IsFinite(r) ? (r - mean) / norm : 0) : null;
    }

    private static PartCorrelation? Judge(IReadOnlyList<string> parts, double[]?[] scores)
    {
        // The sum of a part's rows times a row is the sum of its correlations, that with itself among them.
        var sums = new Dictionary<string, (double[] Sum, int Size)>(StringComparer.Ordinal);
        int[] judged = [.. Enumerable.Range(0, parts.Count).Where(i => scores[i] is not null && parts[i].Length > 0)];
        foreach (int i in judged)
        {
            (double[] sum, int size) = sums.GetValueOrDefault(parts[i], (new double[scores[i]!.Length], 0));
            for (int t = 0; t < sum.Length; t++)
                sum[t] += scores[i]![t];
            sums[parts[i]] = (sum, size + 1);
        }
        double[] means =
        [
            .. judged.Where(i => sums[parts[i]].Size > 1).Select(i =>
            {
                (double[] sum, int size) = sums[parts[i]];
                return (sum.Zip(scores[i]!, (x, y) => x * y).Sum() - 1) / (size - 1);
            }),
        ];
        if (means.Length == 0)
            return null;
        var estimate = Estimate.Mean(means);
        return new PartCorrelation(estimate.Value, estimate.StandardError, means.Length);
    }
}
