using Prometheus.Grid.Core.Universes;
using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Analysis.Changes;

/// <summary>
/// What changed between two dates. Vectors are compared as they are stored: fitted models turn the axes of each date towards those of the date
/// before (docs/models.md), and the others have axes with a meaning. What all entities moved together is their mean difference, and nobody's own.
/// </summary>
internal static class UniverseChange
{
    /// <param name="before">The earlier date.</param>
    /// <param name="now">The later date.</param>
    /// <param name="neighbours">How many neighbours are compared.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static ChangesAnswer Between(UniverseDay before, UniverseDay now, int neighbours, CancellationToken cancellationToken)
    {
        var placesBefore = Places(before);
        var placesNow = Places(now);
        (int Before, int Now)[] both = [.. now.Rows.Select((row, i) => (placesBefore.GetValueOrDefault(row.EntityId, -1), i)).Where(pair => pair.Item1 >= 0)];

        int dimension = Math.Max(before.Dimension, now.Dimension);
        double[] mean = new double[dimension], difference = new double[dimension], scratch = new double[dimension];
        foreach (var pair in both)
        {
            Difference(pair, difference);
            Vectors.AddScaled(mean, 1.0 / both.Length, difference);
        }
        double[] cosines = new double[both.Length], moves = new double[both.Length];
        foreach ((int i, var pair) in both.Index())
        {
            cosines[i] = Difference(pair, difference);
            Vectors.AddScaled(difference, -1, mean);
            moves[i] = Math.Sqrt(Vectors.Dot(difference, difference));
        }
        double typical = both.Length == 0 ? 0 : Median.Of([.. moves]);

        var nearestBefore = before.Nearest(neighbours, cancellationToken);
        var nearestNow = now.Nearest(neighbours, cancellationToken);
        var changes = both.Select((pair, i) =>
        {
            string[] then = [.. nearestBefore[pair.Before].Select(near => before.Rows[near.Row].EntityId)];
            string[] later = [.. nearestNow[pair.Now].Select(near => now.Rows[near.Row].EntityId)];
            string[] entered = [.. later.Except(then, StringComparer.Ordinal)];
            return new EntityChange(
                now.Rows[pair.Now].EntityId, cosines[i], moves[i], typical > 0 ? moves[i] / typical : null,
                entered, [.. then.Except(later, StringComparer.Ordinal)], later.Length - entered.Length);
        });
        return new ChangesAnswer(
            [.. changes.OrderByDescending(change => change.Move).ThenBy(change => change.EntityId, StringComparer.Ordinal)],
            Math.Sqrt(Vectors.Dot(mean, mean)),
            typical,
            [.. now.Rows.Select(row => row.EntityId).Where(id => !placesBefore.ContainsKey(id))],
            [.. before.Rows.Select(row => row.EntityId).Where(id => !placesNow.ContainsKey(id))]);

        // The difference of the unit vectors; returns their cosine.
        double Difference((int Before, int Now) pair, double[] into)
        {
            before.Unit(pair.Before, scratch);
            now.Unit(pair.Now, into);
            double cosine = Math.Clamp(Vectors.Dot(into, scratch), -1, 1);
            Vectors.AddScaled(into, -1, scratch);
            return cosine;
        }
    }

    private static Dictionary<string, int> Places(UniverseDay day) => day.Rows.Index().ToDictionary(pair => pair.Item.EntityId, pair => pair.Index, StringComparer.Ordinal);
}
