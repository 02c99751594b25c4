namespace Prometheus.Grid.Core.Entities;

/// <summary>What a vector can belong to.</summary>
public enum EntityKind
{
    /// <summary>A company or other issuer of instruments; carries text and joint vectors.</summary>
    Issuer,

    /// <summary>A listed instrument; carries numeric vectors of its prices.</summary>
    Instrument,

    /// <summary>A portfolio; carries numeric vectors of its risk reports and joint vectors.</summary>
    Portfolio,
}

/// <summary>Identity of an issuer, instrument or portfolio across all dates and models.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id in the user's tables; compared by ordinal.</param>
public readonly record struct EntityKey(EntityKind Kind, string Id)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Id}";
}
