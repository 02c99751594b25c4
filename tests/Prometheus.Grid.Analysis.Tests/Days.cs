using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Analysis.Tests;

/// <summary>Days made by hand or by lot.</summary>
internal static class Days
{
    public static readonly DateOnly Day = new(2023, 12, 29);

    public static UniverseDay Of(params (string Id, float[] Vector)[] rows) => new(
        Day, [.. rows.Select(row => new UniverseRow(row.Id, ""))], [.. rows.SelectMany(row => row.Vector)], rows[0].Vector.Length);

    /// <summary>Points around centres far from each other, one after the other: row i belongs to centre i modulo their number.</summary>
    public static UniverseDay Clusters(int count, int centres, ulong seed, double noise = 0.3)
    {
        const int Dimensions = 24;
        var lots = new SplitMix64(seed);
        double[][] middle = [.. Enumerable.Range(0, centres).Select(_ => Point(1))];
        return Of([.. Enumerable.Range(0, count).Select(i => ($"E{i:D6}", middle[i % centres].Zip(Point(noise), (a, b) => (float)(a + b)).ToArray()))]);

        double[] Point(double size) => [.. Enumerable.Range(0, Dimensions).Select(_ => size * ((2 * lots.NextDouble()) - 1))];
    }
}
