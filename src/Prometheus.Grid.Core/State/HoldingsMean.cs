using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.State;

/// <summary>Adds up the joint vectors behind the positions of a portfolio, by weight.</summary>
/// <param name="portfolioId">The portfolio.</param>
/// <param name="space">The space of the issuers.</param>
/// <param name="asOf">The date of positions and vectors.</param>
public sealed class HoldingsMean(string portfolioId, SpaceManifest space, DateOnly asOf)
{
    private readonly double[] _sum = new double[space.Dimension];
    private readonly List<string> _missing = [];
    private double _covered, _total;

    /// <summary>Adds a holding. Holdings are to come in one order, for sums in double depend on it in the last digits.</summary>
    /// <param name="position">The holding.</param>
    /// <param name="vector">The joint vector of its issuer, or empty when there is none.</param>
    public void Add(Position position, ReadOnlyMemory<float> vector)
    {
        double weight = Math.Abs(position.Weight);
        _total += weight;
        if (vector.IsEmpty)
        {
            _missing.Add(position.InstrumentId);
            return;
        }
        _covered += weight;
        var values = vector.Span;
        for (int i = 0; i < _sum.Length; i++)
            _sum[i] += position.Weight * values[i];
    }

    /// <summary>The mean.</summary>
    /// <exception cref="NotFoundException">No holding with a weight has a vector.</exception>
    public HoldingsProfile Mean()
    {
        if (_covered == 0)
        {
            throw new NotFoundException(
                "holdings of", portfolioId, $"none with a {space.ModelId} vector as of {DateRange.Text(asOf)}, of {_missing.Count} positions");
        }
        float[] mean = [.. _sum.Select(value => (float)(value / _covered))];
        return new HoldingsProfile(portfolioId, space.ModelId, asOf, mean, _covered / _total, [.. _missing.Order(StringComparer.Ordinal)]);
    }
}
