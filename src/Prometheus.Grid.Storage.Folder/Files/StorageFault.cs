using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Folder.Files;

/// <summary>Turns damage of stored files into faults that tell the user what to do.</summary>
internal static class StorageFault
{
    /// <summary>The fault to report when stored bytes are not what was written.</summary>
    public static GridFaultException Damaged(string path, string what) => new(
        $"{path} is damaged: {what}. `grid verify` lists all damage; restore the file from a backup, or delete its folder and build the vectors again");
}
