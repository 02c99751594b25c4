using System.Text.Json;
using System.Text.Json.Serialization;

namespace Prometheus.Grid.Faults.Registry;

/// <summary>What a run of a scenario recorded.</summary>
/// <param name="Scenario">Number of the scenario.</param>
/// <param name="Part">What of the scenario, where it has parts; else empty.</param>
/// <param name="Seed">The seed of everything random in it.</param>
/// <param name="At">When it ended.</param>
/// <param name="Commit">The commit that ran, or empty where nobody said.</param>
/// <param name="Machine">What it ran on.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Trials">How often the fault was tried.</param>
/// <param name="Injected">What was done to the system, and how often.</param>
/// <param name="Held">What was compared with what must be, and how often.</param>
/// <param name="LongestRecovery">Seconds from a fault until all went well again, the longest of the run; null where nothing had to recover.</param>
/// <param name="Figures">Other figures of the run.</param>
/// <param name="Failure">What went wrong; null when all held.</param>
public sealed record FaultResult(
    int Scenario,
    string Part,
    int Seed,
    DateTimeOffset At,
    string Commit,
    string Machine,
    double Seconds,
    int Trials,
    IReadOnlyDictionary<string, long> Injected,
    IReadOnlyDictionary<string, long> Held,
    double? LongestRecovery,
    IReadOnlyDictionary<string, string> Figures,
    string? Failure)
{
    /// <summary>How results are written, one a file and many in a list.</summary>
    public static JsonSerializerOptions Json { get; } = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Which earlier result it replaces.</summary>
    [JsonIgnore]
    public (int Scenario, string Part) Key => (Scenario, Part);
}
