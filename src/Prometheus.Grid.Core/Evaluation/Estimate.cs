namespace Prometheus.Grid.Core.Evaluation;

/// <summary>
/// A figure over entities with the pull of each on it, to first order (its influence function; Cochran 1977, "Sampling Techniques",
/// chapter 6, calls it linearisation). Entities are taken as independent, so the squares of the pulls add up to the variance; and the variance of the difference of
/// two figures over the same entities is that of the differences of the pulls, which is what makes a comparison paired.
/// </summary>
/// <param name="Value">The figure.</param>
/// <param name="Pulls">By entity; they sum to 0.</param>
internal sealed record Estimate(double Value, double[] Pulls)
{
    /// <summary>Its standard error.</summary>
    public double StandardError => ErrorOf(Pulls);

    /// <summary>The mean of a value an entity.</summary>
    public static Estimate Mean(double[] values)
    {
        double mean = values.Average();
        return new Estimate(mean, [.. values.Select(value => (value - mean) / values.Length)]);
    }

    /// <summary>How far it is above another figure of the same entities, with the standard error of that.</summary>
    public (double Value, double StandardError) Over(Estimate other) =>
        (Value - other.Value, ErrorOf([.. Pulls.Zip(other.Pulls, (mine, theirs) => mine - theirs)]));

    private static double ErrorOf(double[] pulls) =>
        Math.Sqrt(pulls.Sum(pull => pull * pull) * pulls.Length / Math.Max(1, pulls.Length - 1));
}
