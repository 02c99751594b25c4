using Prometheus.Grid.Core.Diagnosis;

namespace Prometheus.Grid.Http;

/// <summary>Says how the server and what it works with are.</summary>
public interface IDiagnosis
{
    /// <summary>Looks at everything that an operator would look for.</summary>
    /// <param name="cancellationToken">Ends the look early.</param>
    Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken);
}
