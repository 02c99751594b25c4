using Prometheus.Grid.Numerics;
using Prometheus.Grid.Core.Prices;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>
/// Fits <c>num-profile-core-v2</c>: principal components of market-residual returns. The fit is the market of each day and a projection
/// from residual returns to coordinates; with it any instrument is encoded from its own prices alone.
/// </summary>
internal static class PeerFit
{
    // A row with more holes than this says more about the holes; it is encoded, but does not shape the components.
    private const double LeastObservedShare = 0.5;

    // Against 200 iterations, 12 move the cosine of two of 587 real issuers by 0.0008 in the mean and 0.008 at most, and no mean of
    // 'grid evaluate' by 0.001.
    private const int Iterations = 20;

    // Enough counterparts to turn 63 axes; more would only make the file larger.
    private const int MostReferences = 2_000;

    /// <summary>Fits on the prices of a universe; null when there are too few days or instruments to fit on.</summary>
    /// <param name="universe">Price histories that end on the as-of date, in ordinal order of ids.</param>
    /// <param name="asOf">The as-of date.</param>
    /// <param name="options">Parameters.</param>
    /// <param name="earlier">A fit of an earlier date whose basis this one is turned to; null for none.</param>
    /// <param name="workers">Cores to use; the bits do not depend on it.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static PeerModel? Fit(
        IReadOnlyList<PriceSeries> universe, DateOnly asOf, PeerOptions options, PeerModel? earlier, int workers, CancellationToken cancellationToken)
    {
        int[] calendar = TradingCalendar.Last(universe, options.WindowDays + 1);
        int length = calendar.Length - 1;
        if (length < options.FewestDays)
            return null;

        int width = 2 * length;
        var market = new MarketModel(options, calendar, new double[width], [.. Enumerable.Repeat(1.0, width)]);
        (var ids, double[] rows) = ReadRows(universe, market, workers, cancellationToken);
        if (ids.Count < 2)
            return null;

        Mean(rows, market.Market, root: false);
        ForEachRow(rows, width, workers, row => market.RemoveMarket(row), cancellationToken);
        Mean(rows, market.Dispersion, root: true);
        ForEachRow(rows, width, workers, market.Finish, cancellationToken);

        double[] projection = Components(rows, ids.Count, width, options, workers, cancellationToken);
        var model = new PeerModel(asOf, asOf, options, market, projection, [], []);
        return Anchor(model, ids, rows, earlier, workers, cancellationToken);
    }

    private static (List<string> Ids, double[] Rows) ReadRows(
        IReadOnlyList<PriceSeries> universe, MarketModel market, int workers, CancellationToken cancellationToken)
    {
        int width = 2 * market.Length;
        double[] rows = new double[universe.Count * width];
        int[] observed = new int[universe.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, universe.Count, options, () => new double[market.Length], (i, _, scratch) =>
        {
            var row = rows.AsSpan(i * width, width);
            observed[i] = ReturnRow.Read(universe[i], market.Calendar, row);
            market.Standardise(row, scratch);
            return scratch;
        }, _ => { });

        var ids = new List<string>();
        for (int i = 0; i < universe.Count; i++)
        {
            if (observed[i] < LeastObservedShare * market.Length)
                continue;
            rows.AsSpan(i * width, width).CopyTo(rows.AsSpan(ids.Count * width));
            ids.Add(universe[i].InstrumentId);
        }
        return (ids, rows[..(ids.Count * width)]);
    }

    /// <summary>The mean of each column over the observed rows, or the root of the mean square; a column without any is 0, or 1.</summary>
    private static void Mean(double[] rows, double[] means, bool root)
    {
        int width = means.Length;
        int[] counts = new int[width];
        Array.Clear(means);
        for (int start = 0; start < rows.Length; start += width)
        {
            for (int column = 0; column < width; column++)
            {
                double value = rows[start + column];
                if (double.IsNaN(value))
                    continue;
                means[column] += root ? value * value : value;
                counts[column]++;
            }
        }
        for (int column = 0; column < width; column++)
        {
            double mean = counts[column] == 0 ? 0 : means[column] / counts[column];
            means[column] = !root ? mean : mean > 0 ? Math.Sqrt(mean) : 1;
        }
    }

    private delegate void RowAction(Span<double> row);

    private static void ForEachRow(double[] rows, int width, int workers, RowAction action, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, rows.Length / width, options, i => action(rows.AsSpan(i * width, width)));
    }

    /// <summary>
    /// The projection P = V S^(p−1), component by component: rows Z = U S Vᵀ get coordinates Z P = U S^p. U, V and S come from the smaller of
    /// the two Gram matrices: ZZᵀ = U S² Uᵀ of few instruments, or ZᵀZ = V S² Vᵀ, which does not grow with them.
    /// </summary>
    private static double[] Components(
        double[] rows, int count, int width, PeerOptions options, int workers, CancellationToken cancellationToken)
    {
        bool byInstrument = count <= width;
        int size = Math.Min(count, width);
        // OfColumns takes columns of equal length one after the other, which the rows are when each is taken for a column of Zᵀ.
        double[] gram = Gram.OfColumns(
            byInstrument ? rows : Transposed(rows, count, width, workers, cancellationToken), size, Math.Max(count, width), workers, cancellationToken);
        var leading = SubspaceIteration.Leading(
            size,
            Math.Min(options.Components, size),
            (block, vectors) => Gram.Multiply(gram, block, size, vectors, workers, cancellationToken),
            Iterations,
            cancellationToken);

        double[] projection = new double[options.Components * width];
        int used = leading.Values.TakeWhile(value => value > 1e-9 * leading.Values[0]).Count();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        Parallel.For(0, used, parallel, c =>
        {
            var direction = projection.AsSpan(c * width, width);
            if (byInstrument)
            {
                // V S^(p−1) = Zᵀ U S^(p−2).
                double scale = Math.Pow(leading.Values[c], (options.SpectrumPower - 2) / 2);
                for (int i = 0; i < count; i++)
                    Vectors.AddScaled(direction, scale * leading.Vector(c)[i], rows.AsSpan(i * width, width));
            }
            else
            {
                Vectors.AddScaled(direction, Math.Pow(leading.Values[c], (options.SpectrumPower - 1) / 2), leading.Vector(c));
            }
        });
        return projection;
    }

    private static double[] Transposed(double[] rows, int count, int width, int workers, CancellationToken cancellationToken)
    {
        double[] columns = new double[rows.Length];
        Parallel.For(0, width, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken }, column =>
        {
            for (int i = 0; i < count; i++)
                columns[(column * count) + i] = rows[(i * width) + column];
        });
        return columns;
    }

    /// <summary>Turns the axes to those of the earlier fit and keeps some instruments' coordinates for the next fit to turn to.</summary>
    private static PeerModel Anchor(
        PeerModel model, List<string> ids, double[] rows, PeerModel? earlier, int workers, CancellationToken cancellationToken)
    {
        int width = 2 * model.Market.Length, step = (ids.Count + MostReferences - 1) / MostReferences;
        var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        int[] sample = [.. Enumerable.Range(0, ids.Count).Where(i => i % step == 0)];
        float[] Coordinates(PeerModel of, int[] chosen)
        {
            float[] coordinates = new float[chosen.Length * of.Options.Components];
            Parallel.For(0, chosen.Length, options, s =>
                of.Project(rows.AsSpan(chosen[s] * width, width), coordinates.AsSpan(s * of.Options.Components, of.Options.Components)));
            return coordinates;
        }

        if (earlier is not null)
        {
            var known = earlier.ReferenceIds.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
            int[] common = [.. Enumerable.Range(0, ids.Count).Where(i => known.ContainsKey(ids[i]))];
            float[] then = [.. common.SelectMany(i => earlier.Reference(known[ids[i]]).ToArray())];
            double[] rotation = Procrustes.Rotation(Coordinates(model, common), then, model.Options.Components);
            model = model.Rotated(rotation, earlier.Basis);
        }
        return model.WithReferences([.. sample.Select(i => ids[i])], Coordinates(model, sample));
    }
}
