using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Fusion;

/// <summary>
/// The origin of joint rows: which model stood behind each branch when they were fused, written <c>numeric=…;text=…</c>. It is stored
/// with the rows, so that weights and explanations use the vectors that really went in, and rows of other models never mix.
/// </summary>
public static class JointOrigin
{
    /// <summary>Writes the branch models of a space.</summary>
    public static string Of(SpaceManifest space) => string.Join(';', space.Branches.Select(branch => $"{branch.Name}={branch.ModelId}"));

    /// <summary>The space with the branch models that <paramref name="origin"/> names; branches that it lacks are left out.</summary>
    public static SpaceManifest Apply(SpaceManifest space, string origin)
    {
        var named = origin
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        return space with
        {
            Branches = [.. space.Branches.Where(b => named.ContainsKey(b.Name)).Select(b => b with { ModelId = named[b.Name] })],
        };
    }
}
