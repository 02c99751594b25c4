using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>Which process of this machine is at the other end of a connection: a proxy sees addresses, and all silos here have the same.</summary>
internal static class SocketOwner
{
    /// <summary>The index of the process among those given; -1 for another one.</summary>
    public static int Of(Socket accepted, IReadOnlyList<int> processes)
    {
        int port = ((IPEndPoint)accepted.RemoteEndPoint!).Port;
        if (Inode(port) is not { } inode)
            return -1;
        string link = $"socket:[{inode}]";
        for (int i = 0; i < processes.Count; i++)
        {
            if (Holds(processes[i], link))
                return i;
        }
        return -1;
    }

    // A line of /proc/net/tcp: number, local address and port in hexadecimal, remote one, state, and as the tenth field the inode.
    private static string? Inode(int port)
    {
        string ending = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (string file in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            foreach (string line in File.ReadLines(file).Skip(1))
            {
                string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[1].EndsWith(ending, StringComparison.Ordinal) && fields[9] != "0")
                    return fields[9];
            }
        }
        return null;
    }

    private static bool Holds(int process, string link)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Any(file => TargetOf(file) == link);
        }
        catch (IOException)
        {
            // It has ended.
            return false;
        }
    }

    private static string? TargetOf(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget;
        }
        catch (IOException)
        {
            // Closed since it was listed.
            return null;
        }
    }
}
