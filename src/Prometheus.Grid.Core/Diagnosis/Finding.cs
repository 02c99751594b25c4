namespace Prometheus.Grid.Core.Diagnosis;

/// <summary>One thing that somebody looked at who wants to know how a grid is.</summary>
/// <param name="What">What was looked at, in a word or two.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Do">What to do about it; empty where there is nothing to do.</param>
public sealed record Finding(string What, FindingState State, string Detail, string Do = "");

/// <summary>How something is.</summary>
public enum FindingState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, and will not always.</summary>
    Warning,

    /// <summary>It does not work, or data is at risk.</summary>
    Fault,
}
