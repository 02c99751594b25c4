using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Commands;

/// <summary>Says how to get back what a check found damaged, as commands that can be pasted.</summary>
/// <param name="catalog">Says what kind of vectors a model makes.</param>
/// <param name="store">Where the vectors are.</param>
internal sealed class Rebuild(ModelCatalog catalog, StoreChoice store)
{
    /// <summary>A partition. A folder refuses to write over what it cannot read, so its files go first; in a database a row that differs is replaced, and its past goes with a vacuum.</summary>
    public string Of(PartitionKey key)
    {
        string again = Backfill(key.Kind, key.ModelId, key.AsOf);
        return store.Postgres is null
            ? $"rm -r {Quoted(Path.Combine(store.Folder, "vectors", key.Kind.ToString().ToLowerInvariant(), key.ModelId, DateRange.Text(key.AsOf)))}; {again}"
            : $"{again}; grid vacuum";
    }

    /// <summary>A fit or a cache.</summary>
    public string Of(KeptFinding finding)
    {
        if (finding.Kind == KeptKind.Cache)
            return $"rm {Quoted(finding.Name)}";
        var asOf = finding.AsOf!.Value;
        string modelId = finding.ModelId!, drop = store.Postgres is null
            ? $"rm {Quoted(Path.Combine(store.Folder, "artifacts", modelId, DateRange.Text(asOf), finding.Name))}"
            : $"psql -c \"DELETE FROM grid_artifacts WHERE model_id = '{modelId}' AND as_of_date = '{DateRange.Text(asOf)}' AND name = '{finding.Name}'\"";
        return Kind(modelId) is { } kind ? $"{drop}; {Backfill(kind, modelId, asOf)}" : drop;
    }

    private BranchKind? Kind(string modelId) => catalog.Models.FirstOrDefault(model => model.ModelId == modelId)?.Kind;

    private string Backfill(BranchKind kind, string modelId, DateOnly asOf)
    {
        bool isOfPortfolios = kind == BranchKind.Joint
            ? catalog.Spaces.Any(space => space.ModelId == modelId && space.Entity == EntityKind.Portfolio)
            : catalog.Models.Any(model => model.ModelId == modelId && model.Entity == EntityKind.Portfolio);
        string command = (kind, isOfPortfolios) switch
        {
            (BranchKind.Text, _) => "backfill-profile-text-embeddings",
            (BranchKind.Numeric, false) => "backfill-numeric-embeddings",
            (BranchKind.Numeric, true) => "backfill-numeric-portfolio-embeddings",
            (_, false) => "backfill-joint-profiles",
            (_, true) => "backfill-joint-portfolios",
        };
        return $"grid {command} --model-id {modelId} --as-of {DateRange.Text(asOf)}";
    }

    private static string Quoted(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? path : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
