using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Fusion;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>What the seed's tables want to know of a partition beyond its key, from the manifests.</summary>
internal sealed class PartitionScope(ModelCatalog catalog)
{
    private const string WindowPrefix = "window_days=";

    /// <summary>The entity_type, source_type or joint_type of the rows.</summary>
    /// <exception cref="NotFoundException">No manifest has the model.</exception>
    public string Of(PartitionKey key) => key.Kind switch
    {
        BranchKind.Numeric => catalog.Model(key.ModelId).Entity.ToString().ToUpperInvariant(),
        BranchKind.Text => "PROFILE",
        _ => catalog.Space(key.ModelId).JointType,
    };

    /// <summary>What all rows of a partition have in common in their window_spec or entity_scope, as JSON.</summary>
    public string Spec(PartitionKey key, string origin)
    {
        var spec = new Dictionary<string, object>(StringComparer.Ordinal);
        if (key.Kind == BranchKind.Joint)
            spec["entity_type"] = catalog.Space(key.ModelId).Entity.ToString().ToUpperInvariant();
        else if (origin.StartsWith(WindowPrefix, StringComparison.Ordinal)
            && int.TryParse(origin.AsSpan(WindowPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int days))
            spec["window_days"] = days;
        return JsonSerializer.Serialize(spec);
    }

    /// <summary>The origin of rows whose writer recorded none: the seed's programs, which are taken to have used their defaults.</summary>
    public string DefaultOrigin(PartitionKey key)
    {
        try
        {
            return key.Kind switch
            {
                BranchKind.Joint => JointOrigin.Of(catalog.Space(key.ModelId)),
                BranchKind.Text => "profile",
                _ when catalog.Model(key.ModelId) is { Entity: EntityKind.Instrument } model => $"{WindowPrefix}{model.Int32Parameter("window_days")}",
                _ => "risk-report",
            };
        }
        catch (GridException)
        {
            return "";
        }
    }
}
