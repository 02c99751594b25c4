namespace Prometheus.Grid.Core.Baskets;

/// <summary>How the members of a basket are weighted.</summary>
public enum BasketWeighting
{
    /// <summary>Each as much as the others.</summary>
    Equal,

    /// <summary>In proportion to the cosine; a member of cosine 0 or less weighs nothing.</summary>
    Similarity,
}

/// <summary>Neighbours as a basket that stands for their target.</summary>
/// <param name="Weights">A weight a neighbour, in their order; not negative, they add up to one.</param>
/// <param name="Correlation">
/// Correlation of the daily returns of basket and target over the days up to the as-of date, in [−1, 1]. In sample: the neighbours were chosen on that
/// date. Null when the target is no entity, or there are fewer than <see cref="BasketBuilder.FewestDays"/> days on which both have returns.
/// </param>
/// <param name="Days">Over how many days that was; 0 when the target is no entity.</param>
public sealed record Basket(IReadOnlyList<double> Weights, double? Correlation, int Days);
