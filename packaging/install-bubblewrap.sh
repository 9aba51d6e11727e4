#!/bin/sh
# Installs bubblewrap, which keeps student code apart, where that may be done without asking:
# as root, or with a sudo that wants no password. Otherwise says the one command to run.
# Never fails: without bubblewrap the grader says at which level it runs.
set -u
command -v bwrap >/dev/null 2>&1 && exit 0

if command -v apt-get >/dev/null 2>&1; then
  update="apt-get update -qq"; install="apt-get install -y -qq bubblewrap"
elif command -v dnf >/dev/null 2>&1; then
  update=true; install="dnf install -y -q bubblewrap"
elif command -v pacman >/dev/null 2>&1; then
  update=true; install="pacman -S --noconfirm bubblewrap"
elif command -v zypper >/dev/null 2>&1; then
  update=true; install="zypper --non-interactive install bubblewrap"
else
  echo "bubblewrap is missing: install the package 'bubblewrap' with your system's package manager"
  exit 0
fi

if [ "$(id -u)" = 0 ]; then
  as=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as="sudo -n"
else
  echo "bubblewrap is missing, so student code would run without walls; install it with:"
  echo "  sudo $install"
  exit 0
fi

echo "installing bubblewrap from the system's packages"
if $as $update >/dev/null 2>&1; $as $install >/dev/null 2>&1 && command -v bwrap >/dev/null; then
  exit 0
fi
echo "bubblewrap could not be installed; run this to see why:"
echo "  ${as:+sudo }$install"
exit 0
