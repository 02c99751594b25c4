using Prometheus.Grid.Core.Diagnosis;

namespace Prometheus.Grid.Http.Messages;

/// <summary>How a server is.</summary>
/// <param name="Time">Its clock when it had looked.</param>
/// <param name="Findings">What it looked at.</param>
public sealed record DiagnosisMessage(DateTimeOffset Time, IReadOnlyList<FindingMessage> Findings);

/// <summary>One thing that was looked at.</summary>
/// <param name="What">What it is.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Do">What to do about it; empty where there is nothing to do.</param>
public sealed record FindingMessage(string What, FindingState State, string Detail, string Do);
