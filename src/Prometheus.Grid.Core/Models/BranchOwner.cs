using Prometheus.Grid.Core.Entities;

namespace Prometheus.Grid.Core.Models;

/// <summary>Whose vectors a branch of a space reads.</summary>
public static class BranchOwner
{
    /// <summary>An issuer's numeric branches belong to its representative instrument; every other branch to the entity itself.</summary>
    public static EntityKind Of(SpaceManifest space, BranchManifest branch) =>
        space.Entity == EntityKind.Issuer && branch.Kind == BranchKind.Numeric ? EntityKind.Instrument : space.Entity;
}
