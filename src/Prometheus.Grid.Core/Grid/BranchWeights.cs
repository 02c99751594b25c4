using System.Globalization;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Grid;

/// <summary>Shares of the branches of a space, chosen at query time. Branches not named have share zero.</summary>
public sealed class BranchWeights
{
    private readonly SortedDictionary<string, double> _shares = new(StringComparer.Ordinal);

    private BranchWeights(IReadOnlyDictionary<string, double> scaled)
    {
        foreach ((string branch, double share) in scaled)
            _shares.Add(branch, share);
    }

    /// <summary>Takes shares by branch name; they are scaled to sum to one.</summary>
    /// <exception cref="BadInputException">A share is negative or not finite, or none is above zero.</exception>
    public BranchWeights(IEnumerable<KeyValuePair<string, double>> shares)
    {
        foreach ((string branch, double share) in shares)
        {
            if (!double.IsFinite(share) || share < 0)
                throw new BadInputException(nameof(SimilarityQuery.Weights), $"{branch}={share.ToString(CultureInfo.InvariantCulture)}", "finite shares of 0 or more");
            if (!_shares.TryAdd(branch, share))
                throw new BadInputException(nameof(SimilarityQuery.Weights), branch, "each branch once");
        }
        double sum = _shares.Values.Sum();
        if (!(sum > 0) || !double.IsFinite(sum))
            throw new BadInputException(nameof(SimilarityQuery.Weights), this, "at least one share above 0, with a finite sum");
        foreach (string branch in _shares.Keys.ToArray())
            _shares[branch] /= sum;
    }

    /// <summary>Shares by branch name, summing to one.</summary>
    public IReadOnlyDictionary<string, double> Shares => _shares;

    /// <summary>The <see cref="Shares"/> of another process: to scale them a second time would move their last bits, and those of every score.</summary>
    public static BranchWeights FromScaled(IReadOnlyDictionary<string, double> shares) => new(shares);

    /// <summary>Reads <c>text=0.7,numeric=0.3</c>.</summary>
    /// <exception cref="BadInputException">The text is not of that form.</exception>
    public static BranchWeights Parse(string text) => new(text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
        part.Split('=', StringSplitOptions.TrimEntries) is [{ Length: > 0 } name, var share]
        && double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? KeyValuePair.Create(name, value)
            : throw new BadInputException(nameof(SimilarityQuery.Weights), text, "branch=share pairs with commas between, for example text=0.7,numeric=0.3")));

    /// <summary>The shares in the order of the branches of <paramref name="space"/>.</summary>
    /// <exception cref="BadInputException">A named branch does not belong to the space.</exception>
    public double[] For(SpaceManifest space)
    {
        foreach (string branch in _shares.Keys)
            space.Branch(branch);
        return [.. space.Branches.Select(branch => _shares.GetValueOrDefault(branch.Name))];
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', _shares.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key}={s.Value}")));
}
