using Microsoft.AspNetCore.Http;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Security;

/// <summary>Who makes a request.</summary>
/// <param name="Name">The name of the key.</param>
/// <param name="Role">What it may do.</param>
/// <param name="NeedsKey">Whether the server asks for keys.</param>
public sealed record Caller(string Name, GridRole Role, bool NeedsKey)
{
    private static readonly object s_key = new();

    /// <summary>Whoever reaches a server that has no keys.</summary>
    internal static Caller Anyone { get; } = new("anyone", GridRole.Write, NeedsKey: false);

    /// <summary>The caller of a request that has passed the gate.</summary>
    internal static Caller Of(HttpContext context) => (Caller)context.Items[s_key]!;

    internal void Enter(HttpContext context) => context.Items[s_key] = this;
}

/// <summary>Marks endpoints for keys of the role write.</summary>
internal sealed class NeedsWriteRole;
